import type { Config, Language, Line } from '../types.ts';
import { TEXTS, type Texts } from './texts.ts';

const MESSAGE_LENGTH_MAX = '4000';

export type Parts = ReturnType<typeof buildParts>;

/** Everything the panel is made of, not yet in a page. */
export function buildParts(config: Config, language: Language) {
  const texts = TEXTS[language];
  const { title, greeting } = config.texts[language];
  const name = title ?? config.name;
  const close = element('button', { type: 'button', 'aria-label': texts.close }, ['×']);
  const notice = element('p', { class: 'notice' }, [config.disclosure[language], ' ']);
  if (/^https?:/.test(config.privacy_url ?? '')) notice.append(privacyLink(config, texts));
  const log = element('div', { class: 'log', role: 'log', tabindex: '0', 'aria-label': name });
  if (greeting !== null) log.append(lineOf({ author: 'system', text: greeting }));
  const status = element('p', { class: 'status', role: 'status' });
  const words = { 'aria-label': texts.write, placeholder: texts.write };
  const input = element('textarea', { rows: '2', maxlength: MESSAGE_LENGTH_MAX, ...words });
  const send = element('button', { class: 'main' }, [texts.send]);
  const form = element('form', {}, [input, send]);
  const agree = element('button', { class: 'main', type: 'button' }, [texts.agree]);
  form.hidden = config.consent === 'required';
  agree.hidden = config.consent !== 'required';
  const head = element('div', { class: 'head' }, [element('strong', {}, [name]), close]);
  const inside = [head, notice, log, status, agree, form];
  const panel = element('div', { class: 'panel', role: 'dialog', 'aria-label': name }, inside);
  panel.hidden = true;
  return { panel, close, log, status, input, send, form, agree };
}

export function lineOf({ author, text }: Line): HTMLElement {
  const line = element('p', { class: author, dir: 'auto' }, [text]);
  if (author === 'ai') line.dataset['aiGenerated'] = 'true';
  return line;
}

function privacyLink({ privacy_url }: Config, { privacy }: Texts): HTMLAnchorElement {
  return element('a', { href: privacy_url ?? '', target: '_blank', rel: 'noopener noreferrer' }, [privacy]);
}

/** An element with text in it. Text is only ever text: nothing of a visitor or a model can become markup. */
function element<Name extends keyof HTMLElementTagNameMap>(
  name: Name,
  attributes: Record<string, string>,
  children: readonly (Node | string)[] = [],
): HTMLElementTagNameMap[Name] {
  const made = document.createElement(name);
  for (const [attribute, value] of Object.entries(attributes)) made.setAttribute(attribute, value);
  made.append(...children);
  return made;
}
