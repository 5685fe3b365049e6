import { mkdtempSync, rmSync } from 'node:fs';
import { connect } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { Connection } from '@temporalio/client';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { isAlive } from '#platform/embedded/process-mark.mjs';
import { type EmbeddedTemporal, startTemporal } from '#platform/embedded/temporal.ts';
import { leaveBehind } from './leave-behind.ts';

let dataDir: string;
let running: EmbeddedTemporal | null;

beforeEach(() => {
  dataDir = mkdtempSync(join(tmpdir(), 'bob-embedded-'));
  running = null;
});
afterEach(async () => {
  await running?.stop({ hurry: true });
  rmSync(dataDir, { recursive: true, force: true });
});

async function start(inMemory: boolean): Promise<EmbeddedTemporal> {
  running = await startTemporal({ dataDir, log: () => undefined, inMemory });
  return running;
}

function answersAt(address: string): Promise<boolean> {
  const [host = '', port = ''] = address.split(':');
  return new Promise((resolve) => {
    const socket = connect({ host, port: Number(port) });
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

test('it serves the namespace with our search attributes, and a stop leaves no process and no port', async () => {
  const server = await start(true);
  const { address, pid } = server;
  const connection = await Connection.connect({ address });
  const { customAttributes } = await connection.operatorService.listSearchAttributes({ namespace: 'bob' });
  await connection.close();
  expect(Object.keys(customAttributes ?? {})).toEqual(expect.arrayContaining(['BobTenant', 'BobChannel', 'BobOwner']));
  await server.stop();
  expect(isAlive(pid)).toBe(false);
  expect(await answersAt(address)).toBe(false);
});

test('a server that outlived its killed parent is adopted, and stopped like any other', async () => {
  const left = await leaveBehind('temporal', dataDir);
  const server = await start(false);
  expect(server).toMatchObject({ adopted: true, pid: left });
  await server.stop();
  expect(isAlive(left)).toBe(false);
});

test('a server that dies is started again at the same address', async () => {
  const server = await start(false);
  const { address, pid: died } = server;
  process.kill(died, 'SIGKILL');
  await expect.poll(() => server.pid, { timeout: 15_000 }).not.toBe(died);
  expect(server.address).toBe(address);
  expect(await answersAt(address)).toBe(true);
});
