import { once } from 'node:events';
import { createServer } from 'node:net';
import { CannotStart } from '#platform/embedded/cannot-start.ts';

/** Asked before anything is started: a taken port is the most common reason for a start to fail, and the cheapest. */
export async function checkPort({ HOST: host, PORT: port }: { HOST: string; PORT: number }): Promise<void> {
  const server = createServer();
  server.listen({ host, port, exclusive: true });
  try {
    await once(server, 'listening');
  } catch (error) {
    throw new CannotStart(`PORT: ${whyNot(error)} (${host}:${port}). Choose another one: PORT=3001 npm start`);
  }
  server.close();
  await once(server, 'close');
}

function whyNot(error: unknown): string {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'EADDRINUSE') return 'another program listens there already';
  if (code === 'EACCES') return 'this user may not listen there';
  return String(error);
}
