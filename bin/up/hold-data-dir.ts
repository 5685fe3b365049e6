import { mkdirSync } from 'node:fs';
import { join } from 'node:path';
import { CannotStart } from '#platform/embedded/cannot-start.ts';
import { takeLock } from '#platform/embedded/process-lock.mjs';

/** Two `bob up` on one data directory would fight over its servers: the second one is told so. */
export function holdDataDir(dataDir: string): () => void {
  mkdirSync(dataDir, { recursive: true, mode: 0o711 });
  const lock = takeLock(join(dataDir, 'bob.lock'));
  if (lock.release !== undefined) return lock.release;
  throw new CannotStart(`Bob already runs on the data directory ${dataDir} (process ${lock.heldBy}).`);
}
