import type { ServerResponse } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import { stubBody, stubEvent, type StubReply, stubStreamEnd } from './stub-body.ts';
import type { StubLatency } from './stub-latency.ts';

const DRIP_MS = 1000;
const JSON_TYPE = { 'content-type': 'application/json' };

/** Sends one reply at the model's pace, with its fault; returns early when the client has gone. */
export async function sendStubReply(response: ServerResponse, reply: StubReply, latency: StubLatency): Promise<void> {
  switch (reply.fault) {
    case '500':
      return sendError(response, 500, 'The stub was told to fail.');
    case '429':
      response.setHeader('retry-after', '1');
      return sendError(response, 429, 'The stub was told to be busy.');
    case 'hang':
      // No answer and no end: the client has to give up.
      return;
    default:
      return reply.request.stream ? sendStream(response, reply, latency) : sendBody(response, reply, latency);
  }
}

export function sendError(response: ServerResponse, status: number, message: string): void {
  const type = status >= 500 ? 'server_error' : 'invalid_request_error';
  const code = status === 429 ? 'rate_limit_exceeded' : null;
  response.writeHead(status, JSON_TYPE);
  response.end(JSON.stringify({ error: { message, type, param: null, code } }));
}

async function sendBody(response: ServerResponse, reply: StubReply, latency: StubLatency): Promise<void> {
  const { fault } = reply;
  const perTokenMs = fault === 'drip' ? DRIP_MS : latency.perTokenMs;
  const waitMs = latency.firstMs + perTokenMs * (latency.tokenCount - 1);
  if (waitMs > 0) await sleep(waitMs);
  if (response.destroyed) return;
  const body = stubBody(reply);
  if (fault !== 'cut') {
    response.writeHead(200, JSON_TYPE).end(body);
    return;
  }
  response.writeHead(200, { ...JSON_TYPE, 'content-length': Buffer.byteLength(body) });
  response.write(body.slice(0, body.length / 2), () => response.destroy());
}

async function sendStream(response: ServerResponse, reply: StubReply, latency: StubLatency): Promise<void> {
  const { fault, answer } = reply;
  const perTokenMs = fault === 'drip' ? DRIP_MS : latency.perTokenMs;
  const stopsHalfway = fault === 'cut' || fault === 'early' || fault === 'malformed';
  const tokens = stopsHalfway ? answer.tokens.slice(0, Math.ceil(answer.tokens.length / 2)) : answer.tokens;
  response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-store' });
  response.write(stubEvent(reply, { role: 'assistant', content: '' }));
  for (const [index, content] of tokens.entries()) {
    const waitMs = index === 0 ? latency.firstMs : perTokenMs;
    if (waitMs > 0) await sleep(waitMs);
    if (response.destroyed) return;
    response.write(stubEvent(reply, { content }));
  }
  endStream(response, reply);
}

function endStream(response: ServerResponse, reply: StubReply): void {
  switch (reply.fault) {
    case 'cut':
      // What was written so far still leaves; then the connection is gone.
      response.write('data: {"id"', () => response.destroy());
      return;
    case 'early':
      response.end();
      return;
    case 'malformed':
      response.end('data: {"id": "chatcmpl-stub", "choices": [{"delta": \n\ndata: [DONE]\n\n');
      return;
    default:
      response.end(stubStreamEnd(reply));
  }
}
