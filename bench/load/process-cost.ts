import { readdir, readFile } from 'node:fs/promises';

export interface ProcessCost {
  cpuMs: number;
  /** Null where the system does not let us read another user's memory. */
  pssKib: number | null;
}

interface Stat {
  pid: number;
  parent: number;
  cpuMs: number;
}

// Linux counts in hundredths of a second for every program, whatever the kernel's own tick.
const MS_PER_TICK = 10;

/** CPU time so far and memory now, of these processes and all below them, each counted once. */
export async function processCost(roots: readonly number[], { withMemory = false } = {}): Promise<ProcessCost> {
  const stats = await readStats();
  const tree = treeOf(roots, stats);
  const cpuMs = tree.reduce((sum, each) => sum + each.cpuMs, 0);
  if (!withMemory) return { cpuMs, pssKib: null };
  const sizes = await Promise.all(tree.map((each) => readPssKib(each.pid)));
  const isWhole = sizes.every((each) => each !== null);
  return { cpuMs, pssKib: isWhole ? sizes.reduce((sum, each) => sum + each, 0) : null };
}

function treeOf(roots: readonly number[], stats: readonly Stat[]): Stat[] {
  const found = new Map<number, Stat>();
  let level = stats.filter((each) => roots.includes(each.pid));
  while (level.length > 0) {
    for (const each of level) found.set(each.pid, each);
    const parents = new Set(level.map((each) => each.pid));
    level = stats.filter((each) => parents.has(each.parent) && !found.has(each.pid));
  }
  return [...found.values()];
}

async function readStats(): Promise<Stat[]> {
  const pids = (await readdir('/proc')).filter((name) => /^\d+$/.test(name));
  const stats = await Promise.all(pids.map((pid) => readStat(Number(pid))));
  return stats.filter((each) => each !== null);
}

async function readStat(pid: number): Promise<Stat | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null);
  if (text === null) return null;
  // The name in brackets may hold anything, spaces and brackets too.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  // utime, stime and those of children that have ended.
  const ticks = fields.slice(11, 15).reduce((sum, field) => sum + Number(field), 0);
  return { pid, parent: Number(fields[1]), cpuMs: ticks * MS_PER_TICK };
}

async function readPssKib(pid: number): Promise<number | null> {
  const text = await readFile(`/proc/${pid}/smaps_rollup`, 'utf8').catch((error: unknown) => errorCode(error));
  // Ended meanwhile: it holds nothing.
  if (text === 'ENOENT' || text === 'ESRCH') return 0;
  const parts = /^Pss:\s+(\d+) kB/m.exec(text);
  return parts === null ? null : Number(parts[1]);
}

function errorCode(error: unknown): string {
  return error instanceof Error && 'code' in error ? String(error.code) : '';
}
