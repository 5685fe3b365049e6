import { linkSync, mkdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname } from 'node:path';
import { markOf, stillRuns } from './process-mark.mjs';

/**
 * One holder at a time, by a file that names the holding process. The file of a process that is gone is taken over.
 * Returns the release function, or the holder's process id.
 */
export function takeLock(file) {
  mkdirSync(dirname(file), { recursive: true });
  for (let round = 0; round < 5; round += 1) {
    const mine = markOf(process.pid);
    if (create(file, mine)) return { release: () => rmSync(file, { force: true }) };
    const holder = read(file);
    if (holder === null) continue;
    if (stillRuns(holder)) return { heldBy: Number.parseInt(holder, 10) };
    removeStale(file, holder);
  }
  return { heldBy: Number.parseInt(read(file) ?? '0', 10) };
}

// Written beside, then linked to its name: whoever reads the lock reads its holder, never an empty file.
function create(file, text) {
  const beside = `${file}.${process.pid}.new`;
  writeFileSync(beside, text);
  try {
    linkSync(beside, file);
    return true;
  } catch (error) {
    if (error.code === 'EEXIST') return false;
    throw error;
  } finally {
    rmSync(beside, { force: true });
  }
}

// Two processes may find the same stale file: only the one that still reads the dead holder's mark may remove it.
function removeStale(file, holder) {
  const aside = `${file}.${process.pid}`;
  try {
    renameSync(file, aside);
  } catch {
    return;
  }
  if (read(aside) === holder) rmSync(aside, { force: true });
  else renameSync(aside, file);
}

function read(file) {
  try {
    return readFileSync(file, 'utf8');
  } catch {
    return null;
  }
}
