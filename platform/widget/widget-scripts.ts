import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, renameSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { z } from 'zod';

import { joinModules, modulesBelow } from './join-modules.ts';

export interface WidgetScripts {
  /** An expression: the function that the served script calls with its configuration. */
  loader: string;
  /** A module of its own, under an address that changes with it. */
  panel: string;
  /** The part of that address that does. */
  panelHash: string;
}

const Kept: z.ZodType<WidgetScripts> = z.object({ loader: z.string(), panel: z.string(), panelHash: z.string() });

interface Sources {
  loader: readonly string[];
  panel: readonly string[];
}

const DIST = new URL('../../dist/', import.meta.url);
/** What is made of the sources depends on these two as well. */
const MADE_BY = ['join-modules.ts', 'widget-scripts.ts'];

/** What pages of other sites load, made of `widget/` and kept by the hash of its sources, as the workflow bundle is. */
export function widgetScripts(): WidgetScripts {
  const sources = { loader: modulesBelow('widget/loader/index.ts'), panel: modulesBelow('widget/panel/index.ts') };
  const makers = MADE_BY.map((name) => readFileSync(new URL(name, import.meta.url), 'utf8'));
  const kept = fileURLToPath(new URL(`widget-${hashOf(JSON.stringify([sources, makers]))}.json`, DIST));
  if (existsSync(kept)) return Kept.parse(JSON.parse(readFileSync(kept, 'utf8')));
  const built = build(sources);
  mkdirSync(DIST, { recursive: true });
  // Under its name only when it is whole: two processes may start at once, or one be killed.
  const draft = `${kept}.${process.pid}`;
  writeFileSync(draft, JSON.stringify(built));
  renameSync(draft, kept);
  return built;
}

function build(sources: Sources): WidgetScripts {
  const panel = `${joinModules(sources.panel)}export { mountPanel };\n`;
  const panelHash = hashOf(panel);
  const modules = joinModules(sources.loader);
  const loader = `(function (given) {\n'use strict';\n${modules}start(given, '/widget/v/${panelHash}/panel.js');\n})`;
  return { loader, panel, panelHash };
}

function hashOf(text: string): string {
  return createHash('sha256').update(text).digest('hex').slice(0, 16);
}
