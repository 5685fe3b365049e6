import { readFileSync } from 'node:fs';

const DOCUMENT = new URL('../../docs/openapi.json', import.meta.url);

/** The document is generated from `contract/` and kept in the repository; a gate compares the two. */
export function readOpenapi(): string {
  return readFileSync(DOCUMENT, 'utf8');
}
