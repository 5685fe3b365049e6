import type { Chat, Language, Line, Sent } from '../types.ts';
import { lineOf, type Parts } from './parts.ts';
import { TEXTS } from './texts.ts';

const NEWS_EVERY_MS = 4000;
const STATUS = { waiting: 'person', failed: 'failed', refused: 'refused' } as const;

/** What is said, and what the visitor sees of it. Gives what is to be done when the panel opens. */
export function converse(chat: Chat, parts: Parts, language: Language): () => void {
  const { panel, log, status, input, send, form, agree } = parts;
  const texts = TEXTS[language];
  let isBegun = false;
  let isWaiting = false;

  function add(lines: readonly Line[]): void {
    log.append(...lines.map(lineOf));
    log.scrollTop = log.scrollHeight;
  }

  function tell(sent: Sent, text: string): void {
    status.textContent = sent.kind === 'answered' ? '' : texts[STATUS[sent.kind]];
    if (sent.kind === 'answered') add(sent.lines);
    if (sent.kind === 'failed') {
      // The words go back to where they came from: sent again they are the same message.
      log.lastElementChild?.remove();
      input.value = text;
    }
    isWaiting = sent.kind === 'waiting';
    input.disabled = send.disabled = sent.kind === 'refused';
    input.focus();
  }

  async function submit(): Promise<void> {
    const text = input.value.trim();
    if (text === '' || send.disabled) return;
    input.value = '';
    add([{ author: 'visitor', text }]);
    status.textContent = texts.thinking;
    send.disabled = true;
    tell(await chat.send(text, language), text);
  }

  async function begin(): Promise<void> {
    if (isBegun || form.hidden) return;
    isBegun = true;
    add(await chat.history());
    setInterval(() => void ask(), NEWS_EVERY_MS);
  }

  /** While a person is to answer and somebody looks. */
  async function ask(): Promise<void> {
    if (isWaiting && !panel.hidden) add(await chat.news());
  }

  onSubmit(parts, () => void submit());
  agree.addEventListener('click', () => {
    form.hidden = false;
    agree.hidden = true;
    void begin();
    input.focus();
  });
  return () => void begin();
}

function onSubmit({ form, input }: Parts, submit: () => void): void {
  form.addEventListener('submit', (event) => {
    event.preventDefault();
    submit();
  });
  input.addEventListener('keydown', (event) => {
    // Enter that ends a composition belongs to the input method.
    if (event.key !== 'Enter' || event.shiftKey || event.isComposing) return;
    event.preventDefault();
    submit();
  });
}
