import type { Config, Language, Panel, PanelModule, Tag } from '../types.ts';

const OPEN: Record<Language, string> = { en: 'Chat', es: 'Chat', it: 'Chat', nl: 'Chat', pl: 'Czat' };

/** The button. Behind it nothing is loaded, asked or stored before a visitor wants it. */
export function mountLauncher(tag: Tag, config: Config, panelUrl: string): void {
  const language = languageOf(tag, config);
  const isLeft = (tag.position ?? config.position).endsWith('left');
  const host = document.createElement('bob-widget');
  host.lang = language;
  const root = host.attachShadow({ mode: 'open' });
  root.adoptedStyleSheets = [styleSheet(config, isLeft)];
  const launcher = document.createElement('button');
  launcher.type = 'button';
  launcher.className = 'open';
  launcher.textContent = OPEN[language];
  launcher.setAttribute('aria-expanded', 'false');
  root.append(launcher);

  let panel: Promise<Panel> | null = null;
  const load = async (): Promise<Panel> => {
    const module: unknown = await import(panelUrl);
    if (!isPanel(module)) throw new TypeError('no panel');
    return module.mountPanel({ host: tag.host, config, language, isLeft, root, launcher });
  };
  launcher.addEventListener('pointerdown', () => {
    panel ??= load();
  });
  launcher.addEventListener('click', () => {
    panel ??= load();
    panel.then(
      (opened) => opened.toggle(),
      () => {
        panel = null;
        console.error(`Bob: the chat cannot be loaded from ${panelUrl}.`);
      },
    );
  });
  document.body.append(host);
}

/** What the tag says, else the settings, else the page, else the browser. */
function languageOf({ lang }: Tag, { language, fallback_language }: Config): Language {
  const wishes = [lang, language, document.documentElement.lang, ...navigator.languages];
  return wishes.map((wish) => wish?.toLowerCase().split('-')[0] ?? '').find(isSpoken) ?? fallback_language;
}

function isPanel(module: unknown): module is PanelModule {
  return typeof module === 'object' && module !== null && 'mountPanel' in module;
}

function isSpoken(text: string): text is Language {
  return Object.hasOwn(OPEN, text);
}

/** `all: initial !important` first: the page's own important rules would reach the host else. */
function styleSheet({ accent, accent_text }: Config, isLeft: boolean): CSSStyleSheet {
  const sheet = new CSSStyleSheet();
  sheet.replaceSync(`
    :host { all: initial !important; position: fixed !important; z-index: 2147483000 !important;
      inset: ${isLeft ? 'auto auto 16px 16px' : 'auto 16px 16px auto'} !important; display: block !important;
      font: 16px/1.4 system-ui, sans-serif !important; }
    button { font: inherit; min-width: 44px; min-height: 44px; padding: 0 16px; border: 0; border-radius: 22px;
      cursor: pointer; background: none; color: inherit; }
    .open { display: block; margin-inline: ${isLeft ? '0 auto' : 'auto 0'}; }
    .open, .head, .main { background: ${accent}; color: ${accent_text}; }
    :focus-visible { outline: 3px solid #111; outline-offset: 2px; box-shadow: 0 0 0 2px #fff; }`);
  return sheet;
}
