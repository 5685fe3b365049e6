import { mkdirSync, mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { spawnSync } from 'node:child_process';
import pg from 'pg';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from '#platform/embedded/process-mark.mjs';
import { type EmbeddedPostgres, startPostgres } from '#platform/embedded/postgres.ts';
import { leaveBehind } from './leave-behind.ts';

let dataDir: string;
let running: EmbeddedPostgres | null;
let lines: string[];

beforeEach(() => {
  // 0700, as every temporary folder: as root, PostgreSQL runs as a user that cannot pass through it by name.
  dataDir = mkdtempSync(join(tmpdir(), 'bob-embedded-'));
  running = null;
  lines = [];
});
afterEach(async () => {
  await running?.stop({ hurry: true });
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(): Promise<EmbeddedPostgres> {
  running = await startPostgres({ dataDir, log: (line) => lines.push(line) });
  return running;
}

async function ask(url: string, sql: string): Promise<unknown[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query<Record<string, unknown>>(sql)).rows;
  } finally {
    await client.end();
  }
}

test('a database is there at once, its tables are kept over a stop, and the stop leaves no process', async () => {
  const first = await start();
  await ask(first.ownerUrl, 'create table kept (n int); insert into kept values (7)');
  const { pid, port } = first;
  await first.stop();
  expect(isAlive(pid)).toBe(false);
  const second = await start();
  expect(second.port).toBe(port);
  expect(second.adopted).toBe(false);
  expect(await ask(second.ownerUrl, 'select n from kept')).toEqual([{ n: 7 }]);
});

test('the product owns nothing, the owner makes databases, and nobody gets in without a password', async () => {
  const { url, ownerUrl, port } = await start();
  await expect(ask(url, 'create table mine (n int)')).rejects.toThrow('permission denied');
  await ask(ownerUrl, 'create database another');
  await expect(ask(`postgres://postgres@127.0.0.1:${port}/bob`, 'select 1')).rejects.toThrow(/password|SASL|SCRAM/);
  expect(await ask(ownerUrl, 'show fsync')).toEqual([{ fsync: 'on' }]);
  expect(await ask(ownerUrl, 'show shared_buffers')).toEqual([{ shared_buffers: '64MB' }]);
  expect(await ask(ownerUrl, 'show listen_addresses')).toEqual([{ listen_addresses: '127.0.0.1' }]);
  expect(statSync(join(dataDir, 'postgres', 'postgres.json')).mode & 0o777).toBe(0o600);
});

test('a server that outlived its killed parent is adopted, and stopped like any other', async () => {
  const left = await leaveBehind('postgres', dataDir);
  expect(isAlive(left)).toBe(true);
  const server = await start();
  expect(server).toMatchObject({ adopted: true, pid: left });
  await server.stop();
  expect(isAlive(left)).toBe(false);
});

test('a server that dies is started again on the same port with what was committed', async () => {
  const server = await start();
  await ask(server.ownerUrl, 'create table kept (n int); insert into kept values (7)');
  const died = server.pid;
  process.kill(died, 'SIGKILL');
  await expect.poll(() => server.pid, { timeout: 15_000 }).not.toBe(died);
  expect(await ask(server.ownerUrl, 'select n from kept')).toEqual([{ n: 7 }]);
  expect(lines[0]).toContain(`PostgreSQL (process ${died}) has ended`);
});

test('a creation that was killed half-way is done again', async () => {
  mkdirSync(join(dataDir, 'postgres', 'cluster.new', 'base'), { recursive: true });
  const { url } = await start();
  expect(await ask(url, 'select 1 as n')).toEqual([{ n: 1 }]);
});

test('a full disk is one clear sentence, and nothing half-made stays', async ({ skip }) => {
  const small = join(dataDir, 'small');
  mkdirSync(small);
  const mounted = spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', 'size=20m', 'tmpfs', small]).status === 0;
  if (!mounted) skip('this user may not mount a small file system');
  try {
    const starting = startPostgres({ dataDir: small, log: () => undefined });
    await expect(starting).rejects.toThrow(`There is no space left on the disk for the data directory ${small}`);
    const left = spawnSync('ls', [join(small, 'postgres')], { encoding: 'utf8' }).stdout;
    expect(left).not.toContain('cluster');
    // Passwords and port of the attempt may stay: a next one uses them.
    expect(readFileSync(join(small, 'postgres', 'postgres.json'), 'utf8')).toContain('ownerPassword');
  } finally {
    spawnSync('/bin/umount', [small]);
  }
});
