import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processCost } from './process-cost.ts';

/** Works until it has had this much processor time: on a busy machine that only takes longer. */
const BUSY = [
  'const usedMs = () => { const { user, system } = process.cpuUsage(); return (user + system) / 1000; };',
  'while (usedMs() < 300);',
  'console.log("done");',
  'setInterval(() => {}, 1000);',
].join('\n');

test.runIf(process.platform === 'linux')('a process tree costs what its children cost, each counted once', async () => {
  const child = spawn(process.execPath, ['-e', BUSY], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const alone = await processCost([child.pid ?? 0], { withMemory: true });
    // Counted in hundredths of a second, user and system time apart.
    expect(alone.cpuMs).toBeGreaterThanOrEqual(280);
    expect(alone.pssKib).toBeGreaterThan(1000);
    const before = await processCost([process.pid]);
    const tree = await processCost([process.pid, child.pid ?? 0]);
    const after = await processCost([process.pid]);
    // Named twice, by its own id and as a child: counted once, so the sum lies between two sums without its name.
    expect(tree.cpuMs).toBeGreaterThan(alone.cpuMs);
    expect(tree.cpuMs).toBeGreaterThanOrEqual(before.cpuMs);
    expect(tree.cpuMs).toBeLessThanOrEqual(after.cpuMs);
  } finally {
    child.kill('SIGKILL');
  }
});

test.runIf(process.platform === 'linux')('a process that is gone costs nothing', async () => {
  expect(await processCost([999_999_999], { withMemory: true })).toEqual({ cpuMs: 0, pssKib: 0 });
});
