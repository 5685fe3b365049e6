import { createServer, type RequestListener, type Server } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';

import { afterEach, describe, expect, it } from 'vitest';

import { openLlm, type LlmRequest } from './llm.ts';

let server: Server | null = null;

afterEach(() => {
  server?.closeAllConnections();
  server?.close();
  server = null;
});

/** A model server that does what the test says; loopback only. */
async function modelThat(answer: RequestListener): Promise<string> {
  const listening = createServer(answer);
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  const address = listening.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}/v1`;
}

function chunk(content: string, finish: string | null = null): string {
  const choices = [{ index: 0, delta: { role: 'assistant', content }, finish_reason: finish }];
  const body = { id: 'chatcmpl-1', object: 'chat.completion.chunk', created: 0, model: 'm', choices };
  return `data: ${JSON.stringify(body)}\n\n`;
}

function ask(baseUrl: string, change: Partial<LlmRequest> = {}) {
  return openLlm({ baseUrl }).answer({
    model: 'gpt-4.1-mini',
    messages: [{ role: 'user', content: 'Hello' }],
    temperature: 200,
    outputTokensMax: 50,
    idleTimeoutMs: 5000,
    signal: new AbortController().signal,
    ...change,
  });
}

it('a streamed answer is read to its end', async () => {
  const baseUrl = await modelThat((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.end(`${chunk('Hel')}${chunk('lo')}${chunk('', 'stop')}data: [DONE]\n\n`);
  });
  expect(await ask(baseUrl)).toMatchObject({ text: 'Hello', finishReason: 'stop', usage: null });
});

it('a server that never answers is given up after the longest silence allowed', async () => {
  const baseUrl = await modelThat(() => undefined);
  await expect(ask(baseUrl, { idleTimeoutMs: 300 })).rejects.toMatchObject({ slug: 'model-timeout' });
});

it('a stream that stalls in the middle is given up as well', async () => {
  const baseUrl = await modelThat((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    response.write(chunk('Hel'));
  });
  await expect(ask(baseUrl, { idleTimeoutMs: 500 })).rejects.toMatchObject({ slug: 'model-timeout' });
});

it('a slow answer is no silence', async () => {
  const baseUrl = await modelThat((_request, response) => {
    response.writeHead(200, { 'Content-Type': 'text/event-stream' });
    void (async () => {
      for (let sent = 0; sent < 6; sent += 1) {
        await sleep(300);
        response.write(chunk('.', sent === 5 ? 'stop' : null));
      }
      response.end('data: [DONE]\n\n');
    })();
  });
  expect((await ask(baseUrl, { idleTimeoutMs: 1500 })).text).toBe('......');
});

it('a turn that is called off says so, not that the model failed', async () => {
  const calling = new AbortController();
  const baseUrl = await modelThat(() => calling.abort());
  await expect(ask(baseUrl, { signal: calling.signal })).rejects.toMatchObject({ slug: 'model-aborted' });
});

describe('one call is one request, and its failure has a name', () => {
  it.each([
    [429, 'model-rate-limited', 2000],
    [500, 'model-unavailable', null],
    [400, 'model-rejected', null],
  ])('status %i', async (status, slug, retryAfterMs) => {
    let requests = 0;
    const baseUrl = await modelThat((_request, response) => {
      requests += 1;
      response.writeHead(status, { 'Content-Type': 'application/json', 'Retry-After': '2' });
      response.end(JSON.stringify({ error: { message: 'no' } }));
    });
    await expect(ask(baseUrl)).rejects.toMatchObject({ name: 'LlmFailure', slug, retryAfterMs });
    expect(requests).toBe(1);
  });

  it('a connection cut in the middle of the answer', async () => {
    const baseUrl = await modelThat((_request, response) => {
      response.writeHead(200, { 'Content-Type': 'text/event-stream' });
      response.write(chunk('Hel'), () => setTimeout(() => response.destroy(), 500));
    });
    await expect(ask(baseUrl)).rejects.toMatchObject({ slug: 'model-cut' });
  });
});
