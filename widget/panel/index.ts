import type { Opening, Panel } from '../types.ts';
import { openChat } from './chat.ts';
import { converse } from './converse.ts';
import { buildParts } from './parts.ts';
import { panelSheet } from './styles.ts';
import { openWire } from './wire.ts';

/** The chat behind the button. Built once, hidden and shown by it. */
export function mountPanel({ host, config, language, root, launcher }: Opening): Panel {
  const parts = buildParts(config, language);
  const { panel, input, close } = parts;
  const begin = converse(openChat(openWire(host, config)), parts, language);
  root.adoptedStyleSheets = [...root.adoptedStyleSheets, panelSheet()];
  root.prepend(panel);

  function show(isOpen: boolean): void {
    panel.hidden = !isOpen;
    launcher.setAttribute('aria-expanded', String(isOpen));
    if (isOpen) begin();
    // In a later task: what was just shown cannot be focused everywhere at once.
    setTimeout(() => (isOpen ? input : launcher).focus());
  }

  close.addEventListener('click', () => show(false));
  panel.addEventListener('keydown', (event) => {
    if (event.key === 'Escape') show(false);
  });
  return { toggle: () => show(panel.hidden !== false) };
}
