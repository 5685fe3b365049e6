import { entriesFor, hashOfOrigin } from '#domain/widget-page.ts';

import type { Config, Tag } from '../types.ts';
import { mountLauncher } from './launcher.ts';

/** Runs once per script tag. What is wrong is said once, to the author of the page; visitors then see no widget. */
export function start(given: Config | null, panelPath: string): void {
  const tag = readTag();
  if (tag === null) return warn('the script tag has to be a classic one');
  if (given !== null) return show(tag, given, panelPath);
  if (tag.key === null) return warn('the script tag needs data-widget-key');
  fetch(`${tag.host}/widget/${encodeURIComponent(tag.key)}/config.json`, { credentials: 'omit' })
    .then((response) => (response.ok ? response.json() : null))
    .then((config: Config | null) =>
      config === null ? warn('this widget key does not work') : show(tag, config, panelPath),
    )
    .catch(() => warn('the server cannot be reached'));
}

function readTag(): Tag | null {
  const script = document.currentScript;
  if (!(script instanceof HTMLScriptElement)) return null;
  const { lang, position, widgetKey } = script.dataset;
  return { host: new URL(script.src).origin, lang: lang ?? null, position: position ?? null, key: widgetKey ?? null };
}

function show(tag: Tag, config: Config, panelPath: string): void {
  const { origin } = location;
  if (!config.active) return warn('this widget is switched off');
  // Our own pages are no foreign site: they use the path for visitors of this server.
  const refusal = origin === tag.host ? null : refusalOf(config, origin);
  if (refusal !== null) return warn(refusal);
  if (document.querySelector('bob-widget') !== null) return warn('there is a widget in this page already');
  const mount = () => mountLauncher(tag, config, tag.host + panelPath);
  if (document.body === null) addEventListener('DOMContentLoaded', mount, { once: true });
  else mount();
}

/** As far as the configuration knows, which may be five minutes old. The server's own check decides. */
function refusalOf({ key, origins }: Config, origin: string): string | null {
  if (key === null) return 'this widget has no key that works';
  if (entriesFor(origin).some((entry) => origins.includes(hashOfOrigin(entry)))) return null;
  return `${origin} is not among the allowed origins of this widget; its owner can add it in the widget settings`;
}

function warn(what: string): void {
  console.warn(`Bob: ${what}.`);
}
