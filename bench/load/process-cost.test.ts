import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test } from 'vitest';
import { processCost } from './process-cost.ts';

const BUSY = [
  'const end = performance.now() + 300;',
  'while (performance.now() < end);',
  'console.log("done");',
  'setInterval(() => {}, 1000);',
].join('\n');

test.runIf(process.platform === 'linux')('a process tree costs what its children cost, each counted once', async () => {
  const child = spawn(process.execPath, ['-e', BUSY], { stdio: ['ignore', 'pipe', 'ignore'] });
  try {
    await once(child.stdout, 'data');
    const alone = await processCost([child.pid ?? 0], { withMemory: true });
    expect(alone.cpuMs).toBeGreaterThan(150);
    expect(alone.pssKib).toBeGreaterThan(1000);
    const tree = await processCost([process.pid, child.pid ?? 0]);
    expect(tree.cpuMs).toBeGreaterThan(alone.cpuMs);
    expect(tree.cpuMs - (await processCost([process.pid])).cpuMs).toBeLessThan(100);
  } finally {
    child.kill('SIGKILL');
  }
});

test.runIf(process.platform === 'linux')('a process that is gone costs nothing', async () => {
  expect(await processCost([999_999_999], { withMemory: true })).toEqual({ cpuMs: 0, pssKib: 0 });
});
