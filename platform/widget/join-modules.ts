import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const IMPORT = /^import \{[^}]*\} from '([^']+)';$/gm;

/** An entry and all that it imports, as they stand, each before those that import it. */
export function modulesBelow(entry: string): string[] {
  const found = new Map<string, string>();
  visit(new URL(entry, ROOT), found);
  return [...found.values()];
}

function visit(url: URL, found: Map<string, string>): void {
  const file = fileURLToPath(url);
  if (found.has(file)) return;
  const code = readFileSync(file, 'utf8');
  for (const [, specifier = ''] of code.matchAll(IMPORT)) visit(resolve(specifier, url), found);
  found.set(file, code);
}

function resolve(specifier: string, from: URL): URL {
  return specifier.startsWith('#') ? new URL(specifier.slice(1), ROOT) : new URL(specifier, from);
}

/**
 * Modules as one text for browsers: types and imports removed. They share one scope, so no name may stand at the top of
 * two of them; the engine refuses that, and so does the test.
 */
export function joinModules(modules: readonly string[]): string {
  const plain = modules.map((code) =>
    stripTypeScriptTypes(code)
      .replaceAll(IMPORT, '')
      .replaceAll(/^export /gm, ''),
  );
  return plain.map(tidy).join('');
}

/** Without comments, indentation and the room that types took; no text of the widget has two spaces in a row. */
function tidy(code: string): string {
  const lines = code
    .replaceAll(/^\s*\/\*\*[\s\S]*?\*\/$/gm, '')
    .split('\n')
    .map((line) => line.trim().replaceAll(/ {2,}/g, ' '))
    .filter((line) => line !== '' && line !== ';' && !line.startsWith('//'));
  return lines.map((line) => `${line}\n`).join('');
}
