import { once } from 'node:events';
import { createServer } from 'node:http';
import { bringUp, type Product } from '../../bin/up/bring-up.ts';
import { runUntilStopped } from '../../bin/up/run-until-stopped.ts';
import { readProcessEnv } from '#platform/env.ts';

// `bob up` with all its real parts and a product of ten lines on top: what is tested is coming up and going down.
const product: Product = {
  prepareDatabase: async () => ({ demoWidgetKey: null }),
  startWorker: async () => ({ stop: async () => undefined }),
  startApi: async ({ HOST, PORT }) => {
    if (process.argv.includes('--broken')) throw new Error('the API does not start today');
    const server = createServer((_, response) => response.end('ready'));
    server.listen(PORT, HOST);
    await once(server, 'listening');
    return {
      url: `http://${HOST}:${PORT}`,
      stop: async () => {
        server.close();
      },
    };
  },
};

const log = (line: string): void => void process.stdout.write(`${line}\n`);
await runUntilStopped(async (stops) => {
  const { url } = await bringUp(product, { env: readProcessEnv(), stops, log });
  log(`ready at ${url}`);
}, log);
