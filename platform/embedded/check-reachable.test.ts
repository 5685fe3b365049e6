import { once } from 'node:events';
import { createServer } from 'node:net';
import { expect, test } from 'vitest';
import { checkAddress, checkDatabase } from './check-reachable.ts';
import { freePort } from './free-port.ts';

test('a wrong DATABASE_URL is named, with its place and without its password', async () => {
  const port = await freePort(0);
  const failure = checkDatabase('DATABASE_URL', `postgres://me:hunter2@127.0.0.1:${port}/shop`);
  await expect(failure).rejects.toThrow(`DATABASE_URL: no use can be made of the database at 127.0.0.1:${port}/shop`);
  await expect(failure).rejects.not.toThrow('hunter2');
});

test('an unreachable TEMPORAL_ADDRESS is named', async () => {
  const port = await freePort(0);
  await expect(checkAddress('TEMPORAL_ADDRESS', `127.0.0.1:${port}`)).rejects.toThrow(
    `TEMPORAL_ADDRESS: nothing answers at 127.0.0.1:${port}`,
  );
});

test('an address that answers is accepted', async () => {
  const server = createServer((socket) => socket.end());
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  const port = typeof address === 'object' && address !== null ? address.port : 0;
  await expect(checkAddress('TEMPORAL_ADDRESS', `127.0.0.1:${port}`)).resolves.toBeUndefined();
  server.close();
});

test('the preferred port is kept while it is free', async () => {
  const port = await freePort(0);
  expect(await freePort(port)).toBe(port);
  const server = createServer().listen(port, '127.0.0.1');
  await once(server, 'listening');
  expect(await freePort(port)).not.toBe(port);
  server.close();
});
