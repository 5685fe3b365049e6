import { readdir, readFile } from 'node:fs/promises';

const MS_PER_TICK = 10;

/** CPU time so far of a process by the names of its threads; native ones, which no profile of V8 shows, included. */
export async function threadCost(pid: number): Promise<Map<string, number>> {
  const folder = `/proc/${pid}/task`;
  const msByName = new Map<string, number>();
  for (const thread of await readdir(folder)) {
    const text = await readFile(`${folder}/${thread}/stat`, 'utf8').catch(() => null);
    if (text === null) continue;
    const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
    // The main thread bears the number of its process.
    const name = thread === String(pid) ? 'main' : text.slice(text.indexOf('(') + 1, text.lastIndexOf(')'));
    const cpuMs = (Number(fields[11]) + Number(fields[12])) * MS_PER_TICK;
    msByName.set(name, (msByName.get(name) ?? 0) + cpuMs);
  }
  return msByName;
}

/** What was used between two readings, the most first. */
export function spentBetween(before: ReadonlyMap<string, number>, after: ReadonlyMap<string, number>) {
  const spent = [...after].map(([name, ms]): [string, number] => [name, ms - (before.get(name) ?? 0)]);
  return spent.filter(([, ms]) => ms > 0).toSorted((a, b) => b[1] - a[1]);
}
