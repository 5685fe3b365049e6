import { expect, it } from 'vitest';

import { allowLoopbackOnly, type Connecting } from './loopback-only.ts';

/** A socket that goes nowhere and remembers what it was asked. */
function buildSocket() {
  const connected: unknown[][] = [];
  const destroyed: Error[] = [];
  const socket: Connecting = {
    connect: (...args) => connected.push(args),
    destroy: (error) => destroyed.push(error),
  };
  return { socket, connected, destroyed, refused: allowLoopbackOnly(socket) };
}

it.each([
  [[{ host: '127.9.9.9', port: 80 }]],
  [[{ host: '::1', port: 80 }]],
  [[{ host: 'localhost', port: 80 }, null]],
  [[[{ host: '127.0.0.1', port: 80 }, null]]],
  [[{ path: '/tmp/a.sock' }]],
  [[5432]],
])('a test reaches this machine by %j', (args) => {
  const { socket, connected, refused } = buildSocket();
  socket.connect(...args);
  expect(connected).toHaveLength(1);
  expect(refused).toEqual([]);
});

it.each([
  [[{ host: '192.0.2.1', port: 443 }], '192.0.2.1'],
  [[[{ host: 'example.test', port: 443 }, null]], 'example.test'],
  [[443, '2001:db8::1'], '2001:db8::1'],
  [[{ host: 'localhost.example.test', port: 80 }], 'localhost.example.test'],
])('a test reaches nobody else by %j', (args, host) => {
  const { socket, connected, destroyed, refused } = buildSocket();
  socket.connect(...args);
  expect(connected).toEqual([]);
  expect(destroyed).toHaveLength(1);
  expect(refused).toEqual([host]);
});
