import { once } from 'node:events';
import { createServer, type Server } from 'node:net';
import { listenOnLoopback } from '../wire/listen-on-loopback.ts';

const FROM = 10_000;
/** From here on Linux gives ports to whoever asks for any, and Temporal keeps them in a column of 16 bits with sign. */
const BELOW = 32_768;
const TRIES = 1000;

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server, 0);
  await close(server);
  return port;
}

/** All of them held until the last is found, so that no two are the same. */
export async function freeLowPorts(count: number): Promise<number[]> {
  const held: { port: number; server: Server }[] = [];
  const first = Math.floor(Math.random() * (BELOW - FROM));
  try {
    for (let step = 0; step < TRIES && held.length < count; step += 1) {
      const port = FROM + ((first + step) % (BELOW - FROM));
      const server = createServer();
      const isFree = await listenOnLoopback(server, port).then(
        () => true,
        () => false,
      );
      if (isFree) held.push({ port, server });
    }
  } finally {
    await Promise.all(held.map(({ server }) => close(server)));
  }
  if (held.length < count) throw new Error(`${count} free ports were not found.`);
  return held.map(({ port }) => port);
}

async function close(server: Server): Promise<void> {
  server.close();
  await once(server, 'close');
}
