import type { WidgetScriptConfig } from '#contract/widget.ts';
import { widgetScripts } from '#platform/widget/widget-scripts.ts';

export interface BuiltWidget {
  /** For pages that name a key: the configuration is fetched. */
  loader: string;
  panel: string;
  /** The name under which the loader looks for the panel. */
  panelHash: string;
  /** For one tenant, its configuration inside. */
  scriptOf(config: WidgetScriptConfig): string;
}

/** The scripts as they are sent: the loader called, with a configuration inside or without. */
export function readBuiltWidget(): BuiltWidget {
  const { loader, panel, panelHash } = widgetScripts();
  return {
    loader: `${loader}(null);\n`,
    panel,
    panelHash,
    scriptOf: (config) => `${loader}(JSON.parse(${scriptText(config)}));\n`,
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
