import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { z } from 'zod';
import { freePort } from '#platform/embedded/free-port.ts';
import { isAlive } from '#platform/embedded/process-mark.mjs';
import { quietPort } from '../fixtures/quiet-port.ts';

const SMALL_UP = fileURLToPath(new URL('small-up.ts', import.meta.url));
const Pids = z.object({ api: z.number(), worker: z.number(), postgres: z.number(), temporal: z.number() });

interface Up {
  child: ChildProcess;
  output: () => string;
  ended: Promise<number | null>;
}

let dataDir: string;
let port: number;
let children: ChildProcess[];

beforeEach(async () => {
  dataDir = mkdtempSync(join(tmpdir(), 'bob-up-'));
  port = await quietPort();
  children = [];
});
afterEach(async () => {
  for (const child of children) child.kill('SIGKILL');
  // Only a test that failed leaves this file, and then its servers.
  if (existsSync(join(dataDir, 'pids.json'))) {
    const { postgres, temporal } = pidsNow();
    for (const pid of [postgres, temporal].filter(isAlive)) process.kill(pid, 'SIGKILL');
  }
  rmSync(dataDir, { recursive: true, force: true });
});

// A developer's own servers and settings stay out of it.
const NOT_HANDED_DOWN = ['HOST', 'DATABASE_URL', 'DATABASE_OWNER_URL', 'TEMPORAL_ADDRESS', 'TEMPORAL_NAMESPACE'];

function up({ set = [], args = [] }: { set?: string[]; args?: string[] } = {}): Up {
  const unset = NOT_HANDED_DOWN.flatMap((name) => ['-u', name]);
  const settings = [`BOB_DATA_DIR=${dataDir}`, `PORT=${port}`, ...set];
  const child = spawn('env', [...unset, ...settings, process.execPath, SMALL_UP, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  children.push(child);
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (text: string) => {
      output += text;
    });
  }
  const ended = once(child, 'close').then(() => child.exitCode);
  return { child, output: () => output, ended };
}

async function ready(started: Up): Promise<z.output<typeof Pids>> {
  await expect.poll(started.output, { timeout: 30_000 }).toContain('ready at');
  return pidsNow();
}

function pidsNow(): z.output<typeof Pids> {
  return Pids.parse(JSON.parse(readFileSync(join(dataDir, 'pids.json'), 'utf8')));
}

function living(pids: z.output<typeof Pids>): number[] {
  return Object.values(pids).filter((pid) => isAlive(pid));
}

test('Ctrl-C stops everything that was started; only the data directory stays, its secrets closed', async () => {
  const first = up();
  const pids = await ready(first);
  expect(living(pids)).toHaveLength(4);
  expect(await (await fetch(`http://127.0.0.1:${port}`)).text()).toBe('ready');
  first.child.kill('SIGINT');
  // The same key press, passed on once more by npm or the launcher, is not a second one.
  first.child.kill('SIGINT');
  expect(await first.ended).toBe(0);
  expect(living(pids)).toEqual([]);
  expect(await freePort(port)).toBe(port);
  expect(existsSync(join(dataDir, 'pids.json'))).toBe(false);
  expect(existsSync(join(dataDir, 'bob.lock'))).toBe(false);
  for (const file of ['secrets.json', 'logins.json']) expect(statSync(join(dataDir, file)).mode & 0o777).toBe(0o600);
});

test('after kill -9 the next start finds the servers running, same keys, and Ctrl-C stops them too', async () => {
  const first = up();
  const pids = await ready(first);
  const keys = readFileSync(join(dataDir, 'secrets.json'), 'utf8');
  first.child.kill('SIGKILL');
  await first.ended;
  expect(living(pids)).toHaveLength(2);
  const second = up();
  expect(await ready(second)).toMatchObject({ postgres: pids.postgres, temporal: pids.temporal });
  expect(readFileSync(join(dataDir, 'secrets.json'), 'utf8')).toBe(keys);
  second.child.kill('SIGTERM');
  expect(await second.ended).toBe(0);
  expect(living(pids)).toEqual([]);
});

test('a second one on the same data directory is told who holds it', async () => {
  const first = up();
  await ready(first);
  const second = up({ set: [`PORT=${await quietPort()}`] });
  expect(await second.ended).toBe(1);
  expect(second.output()).toContain(`already runs on the data directory ${dataDir} (process ${first.child.pid})`);
  first.child.kill('SIGINT');
  await first.ended;
});

test('a taken port is one sentence, before anything is started', async () => {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  const started = up();
  expect(await started.ended).toBe(1);
  expect(started.output().trim()).toBe(
    `PORT: another program listens there already (127.0.0.1:${port}). Choose another one: PORT=3001 npm start`,
  );
  expect(existsSync(join(dataDir, 'postgres'))).toBe(false);
  other.close();
});

test('a wrong TEMPORAL_ADDRESS stops the start, and what was started before it', async () => {
  const started = up({ set: [`TEMPORAL_ADDRESS=127.0.0.1:${await freePort(0)}`] });
  expect(await started.ended).toBe(1);
  expect(started.output()).toContain('TEMPORAL_ADDRESS: nothing answers at');
  expect(existsSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
});

test('a product that does not start takes its parts down with it', async () => {
  const started = up({ args: ['--broken'] });
  expect(await started.ended).toBe(1);
  expect(started.output()).toContain('the API does not start today');
  expect(existsSync(join(dataDir, 'postgres', 'cluster', 'postmaster.pid'))).toBe(false);
  expect(existsSync(join(dataDir, 'pids.json'))).toBe(false);
});

test('the launcher lists its commands when it is given none of them', async () => {
  const launcher = fileURLToPath(new URL('../../bin/bob.mjs', import.meta.url));
  const child = spawn(process.execPath, [launcher, 'dance'], { stdio: ['ignore', 'ignore', 'pipe'] });
  children.push(child);
  let output = '';
  child.stderr.setEncoding('utf8').on('data', (text: string) => {
    output += text;
  });
  await once(child, 'close');
  expect(child.exitCode).toBe(2);
  expect(output).toMatch(/^usage: bob <command>, one of: up\b/);
});
