import { listOf, recordOf } from '../wire/parse-record.ts';
import type { JsonAnswer } from './send-json.ts';

/** One message of a session, and what a right answer to it must show. */
export interface LoadTurn {
  sessionId: string;
  /** 1 for the first message of the session. */
  turn: number;
  message: string;
  mark: string;
  key: string;
  history: readonly { role: string; content: string }[];
  /** What the first answer of the session gave as proof. */
  sessionToken: string | null;
}

export interface LoadTarget {
  name: 'stub' | 'naive' | 'product';
  requestFor(turn: LoadTurn): { url: string; body: object; headers: Record<string, string> };
  /** Text of the reply, or what is wrong with the answer. */
  replyIn(answer: JsonAnswer, turn: LoadTurn): { reply: string } | { fault: string };
}

/** The model alone: what a turn costs when nobody stands between. */
export function stubTarget({ url, model }: { url: string; model: string }): LoadTarget {
  return {
    name: 'stub',
    requestFor: ({ history, message }) => ({
      url: `${url}/chat/completions`,
      body: { model, messages: [...history, { role: 'user', content: message }] },
      headers: {},
    }),
    replyIn({ body }) {
      const message = recordOf(recordOf(listOf(body['choices'])[0])['message']);
      return replyOr(message['content'], body);
    },
  };
}

export function naiveTarget({ url }: { url: string }): LoadTarget {
  return {
    name: 'naive',
    requestFor: ({ sessionId, message }) => ({
      url: `${url}/api/chat`,
      body: { session_id: sessionId, message },
      headers: {},
    }),
    replyIn: ({ body }) => replyOr(body['reply'], body),
  };
}

export function productTarget({ url, businessId }: { url: string; businessId: string }): LoadTarget {
  return {
    name: 'product',
    requestFor: ({ sessionId, message, key, sessionToken }) => ({
      url: `${url}/api/chat`,
      body: { session_id: sessionId, message, business_id: businessId },
      headers: { 'idempotency-key': key, ...(sessionToken === null ? {} : { 'x-session-token': sessionToken }) },
    }),
    replyIn({ body }, { turn }) {
      if (body['outcome'] !== 'answered') return { fault: `outcome ${String(body['outcome'])}` };
      // A message and its reply take two numbers, and nothing else may stand between.
      if (body['seq'] !== 2 * turn) return { fault: `seq ${String(body['seq'])} at turn ${turn}` };
      return replyOr(body['reply'], body);
    },
  };
}

function replyOr(reply: unknown, body: object): { reply: string } | { fault: string } {
  return typeof reply === 'string' ? { reply } : { fault: `no reply: ${JSON.stringify(body).slice(0, 200)}` };
}
