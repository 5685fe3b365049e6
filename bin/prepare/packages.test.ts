import { spawn } from 'node:child_process';
import { existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { markOf } from '#platform/embedded/process-mark.mjs';
import { ensurePackages } from './packages.mjs';

const LOCK = { packages: { '': {}, 'node_modules/koa': {}, 'node_modules/@types/koa': {} } };

let root: string;
beforeEach(() => {
  root = mkdtempSync(join(tmpdir(), 'bob-packages-'));
  mkdirSync(join(root, 'system'));
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify(LOCK));
  npm('mkdir -p node_modules/koa');
});
afterEach(() => rmSync(root, { recursive: true, force: true }));

/** An npm that notes how it was called. */
function npm(does: string): void {
  const script = `#!/bin/sh\necho "$PATH $*" >> calls\n${does}\n`;
  writeFileSync(join(root, 'system', 'npm'), script, { mode: 0o755 });
}

async function ensure(): Promise<string[]> {
  const lines: string[] = [];
  const env = { PATH: `${root}/node_modules/.bin:${root}/system:/usr/bin:/bin` };
  await ensurePackages({ root, env, say: (line) => lines.push(line) });
  return lines;
}

function calls(): string[] {
  return existsSync(join(root, 'calls')) ? readFileSync(join(root, 'calls'), 'utf8').trim().split('\n') : [];
}

test('packages are installed once, and again when the lockfile says something new', async () => {
  await ensure();
  await ensure();
  expect(calls()).toHaveLength(1);
  writeFileSync(join(root, 'package-lock.json'), JSON.stringify({ packages: { 'node_modules/pg': {} } }));
  await ensure();
  expect(calls()).toHaveLength(2);
});

test('npm runs apart from the Node that it is about to replace', async () => {
  await ensure();
  expect(calls()[0]).toMatch(/ ci --no-audit --no-fund --loglevel=error$/);
  expect(calls()[0]).not.toContain('node_modules/.bin');
});

test('an install that failed is done again', async () => {
  npm('mkdir -p node_modules; echo "the network is away" >&2; exit 1');
  await expect(ensure()).rejects.toThrow('the network is away');
  npm('mkdir -p node_modules/koa');
  expect((await ensure()).at(-1)).toBe('packages: installed');
});

test('an install that runs on after its preparation was killed is ended first', async () => {
  const leftover = spawn('sleep', ['60'], { stdio: 'ignore' });
  mkdirSync(join(root, '.bob'));
  writeFileSync(join(root, '.bob', 'npm-ci.pid'), markOf(leftover.pid ?? 0));
  await ensure();
  expect(leftover.signalCode).toBe('SIGTERM');
  expect(existsSync(join(root, '.bob', 'npm-ci.pid'))).toBe(false);
});
