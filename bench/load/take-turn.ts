import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadTarget, LoadTurn } from './load-target.ts';
import type { JsonAnswer, JsonClient } from './send-json.ts';

export interface TurnResult {
  /** 1 for the first message of the session. */
  turn: number;
  latencyMs: number;
  /** From the message sent to the first words shown; null without a stream. */
  firstTokenMs: number | null;
  reply: string | null;
  /** False when no final answer came, right or wrong: sent again, it may. */
  isAnswered: boolean;
  /** What was wrong; null when all was right. */
  fault: string | null;
  resendCount: number;
  timings: Readonly<Record<string, number>>;
  sessionToken: string | null;
}

const ANSWER_TIMEOUT_MS = 60_000;
const RESEND_MAX = 20;
const RESEND_PAUSE_MS = 100;

/** Sends one message and checks its answer; 202 means "not yet", so the same key is sent again. */
export async function takeTurn(client: JsonClient, target: LoadTarget, turn: LoadTurn): Promise<TurnResult> {
  const startMs = performance.now();
  const result = {
    turn: turn.turn,
    firstTokenMs: null,
    sessionToken: null,
    isAnswered: false,
    reply: null,
    resendCount: 0,
    timings: {},
  };
  try {
    const { answer, resendCount } = await sendUntilDone(client, target, turn);
    const latencyMs = performance.now() - startMs;
    const { firstTokenAtMs, ...judged } = judge(target, answer, turn);
    const firstTokenMs = firstTokenAtMs === undefined ? null : firstTokenAtMs - startMs;
    const timings = readServerTiming(answer.headers['server-timing']);
    const isAnswered = answer.status === 200;
    return { ...result, ...judged, isAnswered, latencyMs, firstTokenMs, resendCount, timings };
  } catch (error) {
    return { ...result, latencyMs: performance.now() - startMs, fault: String(error) };
  }
}

async function sendUntilDone(
  client: JsonClient,
  target: LoadTarget,
  turn: LoadTurn,
): Promise<{ answer: JsonAnswer; resendCount: number }> {
  const { url, body, headers } = target.requestFor(turn);
  for (let resendCount = 0; ; resendCount += 1) {
    const answer = await client.post(url, { body, headers, timeoutMs: ANSWER_TIMEOUT_MS });
    if (answer.status !== 202 || resendCount === RESEND_MAX) return { answer, resendCount };
    await sleep(RESEND_PAUSE_MS);
  }
}

interface Judged {
  reply: string | null;
  fault: string | null;
  sessionToken: string | null;
  firstTokenAtMs?: number | undefined;
}

const broken = (fault: string): Judged => ({ reply: null, fault, sessionToken: null });

function judge(target: LoadTarget, answer: JsonAnswer, turn: LoadTurn): Judged {
  if (answer.status !== 200) return broken(`status ${answer.status}: ${JSON.stringify(answer.body).slice(0, 200)}`);
  const found = target.replyIn(answer, turn);
  if ('fault' in found) return broken(found.fault);
  const { reply, sessionToken = null, firstTokenAtMs } = found;
  // The model tells what it saw: a lost, doubled or foreign message shows here.
  const right = target.forgets ? ` mark:${turn.mark}` : `seen:${turn.turn} mark:${turn.mark}`;
  const isRight = reply.includes(right);
  const fault = isRight ? null : `turn ${turn.turn} of ${turn.mark} got: ${reply.slice(0, 100)}`;
  return { reply, fault, sessionToken, firstTokenAtMs };
}

/** `accept;dur=1.2, model;dur=9` as numbers. */
function readServerTiming(header: string | string[] | undefined): Record<string, number> {
  const text = Array.isArray(header) ? header.join(',') : (header ?? '');
  const parts = [...text.matchAll(/([\w-]+)\s*;[^,]*?dur=([\d.]+)/g)];
  return Object.fromEntries(parts.map(([, name = '', ms = '0']) => [name, Number(ms)]));
}
