import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import Koa from 'koa';
import { afterAll, beforeAll, expect, it } from 'vitest';

import { wantsEvents } from './wants-events.ts';

const app = new Koa().use((ctx) => {
  ctx.set('X-Wants', String(wantsEvents(ctx)));
  ctx.body = '';
});
let server: ReturnType<typeof app.listen>;
beforeAll(async () => {
  server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
});
afterAll(() => server.close());

it.each([
  ['GET', 'text/event-stream', 'true'],
  ['POST', 'text/event-stream', 'true'],
  ['POST', 'application/json;q=0.5, text/event-stream', 'true'],
  ['POST', 'text/event-stream, */*;q=0.1', 'true'],
  ['POST', 'application/json', 'false'],
  ['POST', 'application/json, text/event-stream', 'false'],
  ['POST', '*/*', 'false'],
  ['GET', 'text/html', 'false'],
  ['HEAD', 'text/event-stream', 'false'],
])('%s with Accept: %s asks for a stream: %s', async (method, accept, wants) => {
  const { port } = server.address() as AddressInfo;
  const response = await fetch(`http://127.0.0.1:${port}/`, { method, headers: { accept } });
  expect(response.headers.get('x-wants')).toBe(wants);
});
