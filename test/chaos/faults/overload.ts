import { Agent, request } from 'node:http';
import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { lettersOf } from '../../../bench/load/letters-of.ts';
import { quantile } from '../../../bench/load/statistics.ts';
import { runChatLoad, messageOf } from '../chat-load.ts';
import type { Fault, Scene } from '../fault.ts';

const TIMES_PEAK = 10;
const SOCKETS_MAX = 256;
const TICK_MS = 50;
const PEAK_SHARE = 0.2;
const TRY_TIMEOUT_MS = 40_000;
/** The goal is 0.8; far below it something other than a busy machine is at work. */
const GOODPUT_AT_LEAST = 0.3;
const ALLOWED = new Set([200, 202, 429, 503]);

/** F15: ten times what it can do, by one tenant, while another one chats: refusals are honest, work goes on. */
export const overload: Fault = {
  id: 'F15',
  title: 'ten times its capacity, from one tenant, while another one chats',
  load: null,
  async strike(scene) {
    const { client, seconds, figures, violations } = scene;
    const peakS = seconds * PEAK_SHARE;
    // Messages of the same kind as the flood's: each begins a conversation.
    const peak = await runChatLoad(client, { sessions: 32, turnsPerSession: 1, seconds: peakS, name: 'peak' });
    const peakPerS = Math.max(1, peak.length / peakS);
    const alone = await chatQuietly(scene, 'alone', peakS);
    const flooding = flood(scene, peakPerS * TIMES_PEAK, seconds);
    const beside = await chatQuietly(scene, 'beside', seconds);
    const { good, wrong, refused } = await flooding;
    figures['peakPerS'] = round(peakPerS);
    figures['goodputShare'] = round(good / seconds / peakPerS);
    figures['refused'] = refused;
    figures['quietP95Ratio'] = round((quantile(beside, 0.95) ?? 0) / (quantile(alone, 0.95) ?? 1));
    if (wrong.size > 0) violations.push(`answers nobody should get: ${[...wrong].join(', ')}`);
    if (figures['goodputShare'] < GOODPUT_AT_LEAST) violations.push('goodput fell below 30 % of the peak');
  },
};

function round(figure: number): number {
  return Math.round(figure * 100) / 100;
}

/** Four conversations with the default tenant; how long each of its answers took. */
async function chatQuietly({ client }: Scene, name: string, seconds: number): Promise<number[]> {
  const endMs = performance.now() + seconds * 1000;
  const tookMs: number[] = [];
  for (let count = 1; performance.now() < endMs; count += 1) {
    const key = `quiet-${name}-${lettersOf(count)}`;
    const call = { sessionId: `chaos-${key}`, key, message: messageOf(key), token: null };
    const operation = await client.chat({ ...call, businessId: 'office16852-platform' });
    tookMs.push(operation.endedMs - operation.startedMs);
    await pause(TICK_MS);
  }
  return tookMs;
}

interface Flood {
  good: number;
  refused: number;
  wrong: Set<string>;
}

/** An open loop: messages come at their rate, whatever becomes of those before. Sockets and memory are bounded. */
async function flood(scene: Scene, perS: number, seconds: number): Promise<Flood> {
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
      const sending: Promise<void> = send(scene, agent, `flood-${lettersOf(sent)}`)
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
  // What is answered after the end is no goodput of this span.
  if (status === 200 && performance.now() <= endMs) seen.good += 1;
  if (status === 429 || status === 503) seen.refused += 1;
  if (!ALLOWED.has(status)) seen.wrong.add(`status ${status}`);
  if ((status === 429 || status === 503) && !hasRetryAfter) seen.wrong.add(`${status} without Retry-After`);
}

function send({ product }: Pick<Scene, 'product'>, agent: Agent, key: string): Promise<Refusable> {
  const body = JSON.stringify({ session_id: `chaos-${key}`, message: messageOf(key), business_id: 'demo' });
  const headers = { 'content-type': 'application/json', 'idempotency-key': key };
  const signal = AbortSignal.timeout(TRY_TIMEOUT_MS);
  return new Promise((resolve) => {
    const call = request(`${product.url}/api/chat`, { method: 'POST', headers, agent, signal }, (response) => {
      const hasRetryAfter = response.headers['retry-after'] !== undefined;
      response.once('close', () => resolve({ status: response.statusCode ?? 0, hasRetryAfter })).resume();
    });
    call.once('error', () => {
      // A connection kept for later may be closed while it is taken up again: that says nothing about the product.
      if (call.reusedSocket && !signal.aborted) resolve(send({ product }, agent, key));
      else resolve({ status: 0, hasRetryAfter: false });
    });
    call.end(body);
  });
}
