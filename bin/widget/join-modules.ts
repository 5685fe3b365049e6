import { readFileSync } from 'node:fs';
import { stripTypeScriptTypes } from 'node:module';
import { fileURLToPath } from 'node:url';

const ROOT = new URL('../../', import.meta.url);
const IMPORT = /^import \{[^}]*\} from '([^']+)';$/gm;

/**
 * The modules below an entry as one text for browsers: types removed, each module before those that import it. They
 * share one scope, so no name may stand at the top of two of them; the engine refuses that, and so does the test.
 */
export function joinModules(entry: string): string {
  const joined = new Map<string, string>();
  visit(new URL(entry, ROOT), joined);
  return [...joined.values()].join('');
}

function visit(url: URL, joined: Map<string, string>): void {
  const file = fileURLToPath(url);
  if (joined.has(file)) return;
  const code = stripTypeScriptTypes(readFileSync(file, 'utf8'));
  for (const [, specifier = ''] of code.matchAll(IMPORT)) visit(resolve(specifier, url), joined);
  joined.set(file, tidy(code.replaceAll(IMPORT, '').replaceAll(/^export /gm, '')));
}

function resolve(specifier: string, from: URL): URL {
  return specifier.startsWith('#') ? new URL(specifier.slice(1), ROOT) : new URL(specifier, from);
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
