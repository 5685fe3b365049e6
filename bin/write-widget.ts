import { widgetScripts } from '#platform/widget/widget-scripts.ts';

// So that no start has to: `bin/prepare.mjs` runs this.
widgetScripts();
