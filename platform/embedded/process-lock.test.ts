import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { takeLock } from './process-lock.mjs';
import { isAlive, markOf, stillRuns } from './process-mark.mjs';

// Larger than any process id the kernel gives out.
const NOBODY = 2 ** 22 + 1;

let folder: string;
let file: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'bob-lock-'));
  file = join(folder, 'deep', 'bob.lock');
});
afterEach(() => rmSync(folder, { recursive: true, force: true }));

test('a lock is held by one process and names it', () => {
  const first = takeLock(file);
  expect(first.release).toBeTypeOf('function');
  expect(takeLock(file)).toEqual({ heldBy: process.pid });
  first.release?.();
  expect(takeLock(file).release).toBeTypeOf('function');
});

test('the lock of a process that is gone is taken over, and nothing is left beside it', () => {
  takeLock(file).release?.();
  writeFileSync(file, `${NOBODY}`);
  expect(takeLock(file).release).toBeTypeOf('function');
  expect(readFileSync(file, 'utf8')).toBe(markOf(process.pid));
  expect(readdirSync(join(folder, 'deep'))).toEqual(['bob.lock']);
});

test('a process that got the number of an earlier one is not taken for it', () => {
  expect(stillRuns(markOf(process.pid))).toBe(true);
  expect(stillRuns(`${process.pid}@1`)).toBe(process.platform !== 'linux');
  expect(stillRuns('')).toBe(false);
  expect(isAlive(NOBODY)).toBe(false);
});
