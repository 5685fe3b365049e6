import { createHash } from 'node:crypto';

import { joinModules } from './join-modules.ts';

export interface BuiltWidget {
  /** An expression: the function that the served script calls with its configuration. */
  loader: string;
  /** A module of its own, under an address that changes with it. */
  panel: string;
}

const HASH_LENGTH = 16;

export function buildWidget(): BuiltWidget {
  const panel = `${joinModules('widget/panel/index.ts')}export { mountPanel };\n`;
  const hash = createHash('sha256').update(panel).digest('hex').slice(0, HASH_LENGTH);
  const modules = joinModules('widget/loader/index.ts');
  const loader = `(function (given) {\n'use strict';\n${modules}start(given, '/widget/v/${hash}/panel.js');\n})\n`;
  return { loader, panel };
}
