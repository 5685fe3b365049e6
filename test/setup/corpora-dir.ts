import process from 'node:process';

/** Where public test data lies: CORPORA_DIR, or the folder beside the checkout. Tests without it say that they skip. */
export function corporaDir(): string {
  return process.env['CORPORA_DIR'] ?? new URL('../../../shared/corpora', import.meta.url).pathname;
}
