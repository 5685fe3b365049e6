import { once } from 'node:events';
import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';
import { Worker } from 'node:worker_threads';

import { lettersOf } from '../../bench/load/letters-of.ts';
import { messageOf } from './chat-load.ts';

const SOCKETS_MAX = 256;
const TICK_MS = 50;
const TRY_TIMEOUT_MS = 40_000;
const ALLOWED = new Set([200, 202, 429, 503]);

export interface Flood {
  /** Answered before the end: what comes later is no goodput of this span. */
  good: number;
  refused: number;
  /** What nobody should get. */
  wrong: Set<string>;
}

export interface FloodShape {
  url: string;
  businessId: string;
  perS: number;
  seconds: number;
}

/** The same in a thread of its own. */
export async function floodAside(shape: FloodShape): Promise<Flood> {
  const thread = new Worker(new URL('flood-thread.ts', import.meta.url), { workerData: shape });
  const [seen] = (await once(thread, 'message')) as [Flood];
  return seen;
}

/** An open loop: messages come at their rate, whatever becomes of those before. Sockets and memory are bounded. */
export async function flood(shape: FloodShape): Promise<Flood> {
  const { perS, seconds } = shape;
  const agent = new Agent({ keepAlive: true, maxSockets: SOCKETS_MAX });
  const seen: Flood = { good: 0, refused: 0, wrong: new Set() };
  const waiting = new Set<Promise<void>>();
  const startedMs = performance.now();
  const endMs = startedMs + seconds * 1000;
  let sent = 0;
  while (performance.now() < endMs) {
    const due = ((performance.now() - startedMs) / 1000) * perS;
    // A message that would wait for a socket would time out here, not there.
    while (sent < due && waiting.size < SOCKETS_MAX) {
      sent += 1;
      const sending: Promise<void> = send(shape, agent, `flood-${lettersOf(sent)}`)
        .then((answer) => note(seen, answer, endMs))
        .finally(() => waiting.delete(sending));
      waiting.add(sending);
    }
    sent = Math.max(sent, Math.floor(due));
    await pause(TICK_MS);
  }
  await Promise.all(waiting);
  agent.destroy();
  return seen;
}

interface Refusable {
  status: number;
  hasRetryAfter: boolean;
}

function note(seen: Flood, { status, hasRetryAfter }: Refusable, endMs: number): void {
  if (status === 200 && performance.now() <= endMs) seen.good += 1;
  if (status === 429 || status === 503) seen.refused += 1;
  if (!ALLOWED.has(status)) seen.wrong.add(`status ${status}`);
  if ((status === 429 || status === 503) && !hasRetryAfter) seen.wrong.add(`${status} without Retry-After`);
}

function send(shape: FloodShape, agent: Agent, key: string): Promise<Refusable> {
  const body = JSON.stringify({ session_id: `chaos-${key}`, message: messageOf(key), business_id: shape.businessId });
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const signal = AbortSignal.timeout(TRY_TIMEOUT_MS);
  return new Promise((resolve) => {
    const call = request(`${shape.url}/api/chat`, { method: 'POST', headers, agent, signal }, (response) => {
      const hasRetryAfter = response.headers['retry-after'] !== undefined;
      response.once('close', () => resolve({ status: response.statusCode ?? 0, hasRetryAfter })).resume();
    });
    call.once('error', () => {
      // A connection kept for later may be closed while it is taken up again: that says nothing about the product.
      if (call.reusedSocket && !signal.aborted) resolve(send(shape, agent, key));
      else resolve({ status: 0, hasRetryAfter: false });
    });
    call.end(body);
  });
}
