import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import type { LoadTarget, LoadTurn } from './load-target.ts';
import { lettersOf } from './letters-of.ts';
import type { JsonClient } from './send-json.ts';
import { takeTurn, type TurnResult } from './take-turn.ts';

export interface Conversation {
  /** The next message; with patience it is sent again, under the same key, until it is answered. */
  say(patience?: { patienceMs: number }): Promise<TurnResult>;
}

const RESEND_PAUSE_MS = 200;

/** One session whose messages a plan sends when it wants to. */
export function openConversation(client: JsonClient, target: LoadTarget, name: string): Conversation {
  const sessionId = `bench-${lettersOf(Math.floor(performance.timeOrigin))}-${name}`;
  let turn = 0;
  let sessionToken: string | null = null;
  return {
    async say({ patienceMs } = { patienceMs: 0 }) {
      turn += 1;
      const mark = `${sessionId}-${lettersOf(turn)}`;
      const message = `Please tell me that this question has arrived, mark:${mark}`;
      const asked = { sessionId, turn, message, mark, key: mark, history: [], sessionToken };
      const result = await persist(client, target, { asked, patienceMs });
      sessionToken = result.sessionToken ?? sessionToken;
      return result;
    },
  };
}

async function persist(
  client: JsonClient,
  target: LoadTarget,
  { asked, patienceMs }: { asked: LoadTurn; patienceMs: number },
): Promise<TurnResult> {
  const startMs = performance.now();
  for (let resendCount = 0; ; resendCount += 1) {
    const result = await takeTurn(client, target, asked);
    const isOver = result.isAnswered || performance.now() - startMs > patienceMs;
    const latencyMs = performance.now() - startMs;
    if (isOver) return { ...result, latencyMs, resendCount: resendCount + result.resendCount };
    await sleep(RESEND_PAUSE_MS);
  }
}
