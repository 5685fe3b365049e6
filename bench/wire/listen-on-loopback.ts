import { once } from 'node:events';
import type { Server } from 'node:net';

/** Starts a server on loopback, on any free port when the given one is 0, and tells which it is. */
export async function listenOnLoopback(server: Server, port: number): Promise<number> {
  server.listen(port, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('The server listens on no port.');
  return address.port;
}
