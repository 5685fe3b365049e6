import { rmSync } from 'node:fs';
import { join } from 'node:path';
import { writeStateFile } from '#platform/embedded/state-file.ts';

type Pids = Record<string, number>;

/** `pids.json` says who does what, also after a part was started again; it is gone when all of them are. */
export function keepPids(dataDir: string, current: () => Pids): () => void {
  const file = join(dataDir, 'pids.json');
  let written = '';
  const write = (): void => {
    const pids = current();
    const text = JSON.stringify(pids);
    if (text === written) return;
    writeStateFile(file, pids);
    written = text;
  };
  write();
  const timer = setInterval(write, 500).unref();
  return () => {
    clearInterval(timer);
    rmSync(file, { force: true });
  };
}
