import { createServer, type AddressInfo, type Server, type Socket } from 'node:net';

import { afterAll, afterEach, beforeAll, describe, expect, test } from 'vitest';

import { failureCodeOf } from './failure-code.ts';
import { openGuardedFetch, type GuardedFetch } from './guarded-fetch.ts';

let guardedFetch: GuardedFetch;
const servers: Server[] = [];
const sockets: Socket[] = [];

beforeAll(() => {
  guardedFetch = openGuardedFetch({ allowHosts: '127.0.0.1,localhost' });
});
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.destroy();
  for (const server of servers.splice(0)) await new Promise((resolve) => server.close(resolve));
});
afterAll(() => guardedFetch.close());

/** A receiver that says these bytes, and perhaps goes on. */
async function receiverSaying(head: string, then: (socket: Socket) => void = () => undefined): Promise<string> {
  const server = createServer((socket) => {
    sockets.push(socket);
    socket.on('error', () => undefined);
    socket.once('data', () => {
      socket.write(head);
      then(socket);
    });
  });
  servers.push(server);
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

function post(url: string, timeoutMs = 10_000) {
  return guardedFetch.post({ url, headers: { 'content-type': 'application/json' }, body: '{}', timeoutMs });
}

const OK = 'HTTP/1.1 200 OK\r\n';

describe('hostile receivers', () => {
  test('silence ends at the deadline', async () => {
    const url = await receiverSaying('');
    expect(await post(url, 200)).toMatchObject({ kind: 'failed', code: 'timeout' });
  });

  test('a body that never ends is cut, and the status has decided', async () => {
    const url = await receiverSaying(`${OK}content-length: 9999999\r\n\r\n`, (socket) => {
      const drip = setInterval(() => socket.write('x'.repeat(4096)), 1);
      socket.on('close', () => clearInterval(drip));
    });
    const answer = await post(url, 5000);
    expect(answer).toMatchObject({ kind: 'answered', status: 200, truncated: true, remoteIp: '127.0.0.1' });
    expect(answer.kind === 'answered' && answer.body.length).toBe(16 * 1024);
  });

  test('a body that drips is cut at the deadline, delivered all the same', async () => {
    const url = await receiverSaying(`${OK}content-length: 100\r\n\r\nab`);
    expect(await post(url, 1500)).toMatchObject({ kind: 'answered', status: 200, body: 'ab', truncated: true });
  });

  test.each([
    ['64 KiB of head', 'header_overflow', `${OK}x: ${'y'.repeat(64 * 1024)}\r\n\r\n`],
    ['garbage', 'protocol', 'SSH-2.0-OpenSSH_9.6\r\n\r\n'],
    ['101', 'protocol', 'HTTP/1.1 101 Switching Protocols\r\nupgrade: x\r\nconnection: upgrade\r\n\r\n'],
    ['a 100 that nobody asked for', 'protocol', 'HTTP/1.1 100 Continue\r\n\r\n'],
  ])('%s is %s', async (_what, code, head) => {
    expect(await post(await receiverSaying(head))).toMatchObject({ kind: 'failed', code });
  });

  test('a reset before the head is named so, one after the head changes nothing', async () => {
    const before = await receiverSaying('', (socket) => socket.resetAndDestroy());
    expect(await post(before)).toMatchObject({ kind: 'failed', code: 'reset' });
    const after = await receiverSaying(`${OK}content-length: 5\r\n\r\n`, (socket) => {
      // A reset takes back what was not read yet.
      setTimeout(() => socket.resetAndDestroy(), 500);
    });
    expect(await post(after)).toMatchObject({ kind: 'answered', status: 200, truncated: true });
  });

  test('a hint before the answer is ignored', async () => {
    const url = await receiverSaying('HTTP/1.1 103 Early Hints\r\n\r\nHTTP/1.1 204 No Content\r\n\r\n');
    expect(await post(url)).toMatchObject({ kind: 'answered', status: 204, body: '' });
  });

  test('a redirect is answered, not followed', async () => {
    const url = await receiverSaying(
      'HTTP/1.1 302 Found\r\nlocation: http://127.0.0.1:1/\r\ncontent-length: 0\r\n\r\n',
    );
    expect(await post(url)).toMatchObject({ kind: 'answered', status: 302 });
  });

  test('plain HTTP where TLS was asked for is named so', async () => {
    const url = await receiverSaying(`${OK}\r\n`);
    expect(await post(url.replace('http:', 'https:'))).toMatchObject({ kind: 'failed', code: 'tls' });
  });
});

test('nobody listening is refused', async () => {
  expect(await post('http://127.0.0.1:1/')).toMatchObject({ kind: 'failed', code: 'refused' });
});

test('a name on the list is called, whichever loopback address it has', async () => {
  const url = await receiverSaying(`${OK}content-length: 2\r\n\r\nok`);
  expect(await post(url.replace('127.0.0.1', 'localhost'))).toMatchObject({ kind: 'answered', body: 'ok' });
});

test.each(['http://127.0.0.2/', 'http://[::1]/', 'http://example.com/', 'http://169.254.169.254/'])(
  '%s is not on the list, so no connection is made',
  async (url) => expect(await post(url)).toMatchObject({ kind: 'failed', code: 'blocked_address' }),
);

test('a listed literal that no list may lift is blocked at the connection', async () => {
  const open = openGuardedFetch({ allowHosts: '169.254.169.254' });
  const request = { url: 'http://169.254.169.254/', headers: {}, body: '', timeoutMs: 500 };
  expect(await open.post(request)).toMatchObject({ kind: 'failed', code: 'blocked_address' });
  await open.close();
});

test.each([
  ['ENOTFOUND', 'dns'],
  ['EAI_AGAIN', 'resolver_unavailable'],
  ['EMFILE', 'no_resources'],
  ['ENETUNREACH', 'network_unavailable'],
  ['CERT_HAS_EXPIRED', 'tls'],
  ['DEPTH_ZERO_SELF_SIGNED_CERT', 'tls'],
  ['ERR_TLS_CERT_ALTNAME_INVALID', 'tls'],
  ['SOMETHING_NEW', 'protocol'],
])('%s is named %s, also as the cause of another error', (code, name) => {
  const error = Object.assign(new Error('x'), { code });
  expect(failureCodeOf(error)).toBe(name);
  expect(failureCodeOf(new Error('wrapped', { cause: error }))).toBe(name);
});

test('what is no error at all broke the protocol', () => {
  expect(failureCodeOf('x')).toBe('protocol');
});
