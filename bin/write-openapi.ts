import { readFileSync, writeFileSync } from 'node:fs';

import { buildOpenapi } from '#contract/openapi.ts';

import packageJson from '../package.json' with { type: 'json' };

const DOCUMENT = new URL('../docs/openapi.json', import.meta.url);

/** Writes docs/openapi.json from the contract; with `--check` it only says whether the file is what it should be. */
function writeOpenapi(args: readonly string[]): number {
  const text = `${JSON.stringify(buildOpenapi({ version: packageJson.version }), null, 2)}\n`;
  if (!args.includes('--check')) {
    writeFileSync(DOCUMENT, text);
    process.stdout.write('docs/openapi.json written\n');
    return 0;
  }
  if (readFileSync(DOCUMENT, 'utf8') === text) return 0;
  process.stderr.write('docs/openapi.json is stale: run node bin/write-openapi.ts\n');
  return 1;
}

process.exitCode = writeOpenapi(process.argv.slice(2));
