import { readFileSync } from 'node:fs';

import type { WidgetScriptConfig } from '#contract/widget.ts';

export interface BuiltWidget {
  /** For pages that name a key: the configuration is fetched. */
  loader: string;
  panel: string;
  /** The name under which the loader looks for the panel. */
  panelHash: string;
  /** For one tenant, its configuration inside. */
  scriptOf(config: WidgetScriptConfig): string;
}

const BUILT = new URL('../../widget/built/', import.meta.url);
const PANEL_PATH = /'\/widget\/v\/([0-9a-f]{16})\/panel\.js'/;

/** What `bin/write-widget.ts` made of `widget/`; a test compares the two. */
export function readBuiltWidget(): BuiltWidget {
  const start = readFileSync(new URL('loader.js', BUILT), 'utf8').trimEnd();
  const [, panelHash] = PANEL_PATH.exec(start) ?? [];
  if (panelHash === undefined) throw new Error('the loader names no panel');
  return {
    loader: `${start}(null);\n`,
    panel: readFileSync(new URL('panel.js', BUILT), 'utf8'),
    panelHash,
    scriptOf: (config) => `${start}(JSON.parse(${scriptText(config)}));\n`,
  };
}

/**
 * A literal that is the same text in JavaScript and inside an HTML script element: a tenant's name may hold `</script>`
 * and the two line separators.
 */
function scriptText(config: WidgetScriptConfig): string {
  return JSON.stringify(JSON.stringify(config)).replaceAll(
    /[<\u2028\u2029]/g,
    (letter) => `\\u${letter.charCodeAt(0).toString(16).padStart(4, '0')}`,
  );
}
