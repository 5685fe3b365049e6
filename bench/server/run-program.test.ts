import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { Program } from '../plan/program.ts';
import { runProgram } from './run-program.ts';

const folder = mkdtempSync(join(tmpdir(), 'bench-run-'));
afterAll(() => rmSync(folder, { recursive: true, force: true }));

function runCode(started: Program[], code: string): Promise<void> {
  const logPath = join(folder, 'log');
  return runProgram(started, { args: ['-e', code], env: {}, cwd: folder, logPath, timeoutMs: 10_000 });
}

test('a program that ends well is no longer among those to be stopped', async () => {
  const started: Program[] = [];
  await runCode(started, '');
  expect(started).toEqual([]);
});

test('one that ends badly fails with the end of its log, and so does one that is killed', async () => {
  await expect(runCode([], 'console.error("no such thing"); process.exit(3)')).rejects.toThrow('no such thing');
  await expect(runCode([], 'process.kill(process.pid, "SIGKILL")')).rejects.toThrow('did not succeed');
});
