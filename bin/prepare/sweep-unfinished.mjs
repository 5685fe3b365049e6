import { readdirSync, rmSync } from 'node:fs';
import { basename, dirname, join } from 'node:path';
import { isAlive } from '../../platform/embedded/process-mark.mjs';

/** Where a program is put together before it gets its name; whose work it is stands in it. */
export function unfinishedName(target) {
  return `${target}.unfinished-${process.pid}`;
}

/** Removes what preparations left that were killed half-way; a program of 138 MB each. */
export function sweepUnfinished(target) {
  for (const name of readdirSync(dirname(target))) {
    const [, pid] = name.split(`${basename(target)}.unfinished-`);
    if (pid !== undefined && !isAlive(Number(pid))) {
      rmSync(join(dirname(target), name), { recursive: true, force: true });
    }
  }
}
