import { type JsonRecord, listOf, parseRecord, recordOf, stringOf } from '../wire/parse-record.ts';
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

export type Wire = 'json' | 'sse';

export interface Reply {
  reply: string;
  sessionToken?: string;
  /** When its first words came, by the clock of this process; only of a stream. */
  firstTokenAtMs?: number | undefined;
}

export interface LoadTarget {
  name: 'stub' | 'naive' | 'floor' | 'product';
  wire: Wire;
  /** Set where the model may see fewer messages than were sent: an old part of a long session is left out. */
  forgets?: true;
  requestFor(turn: LoadTurn): { url: string; body: object; headers: Record<string, string> };
  /** Text of the reply, or what is wrong with the answer. */
  replyIn(answer: JsonAnswer, turn: LoadTurn): Reply | { fault: string };
}

/** The model alone: what a turn costs when nobody stands between. */
export function stubTarget({ url, model, wire = 'json' }: { url: string; model: string; wire?: Wire }): LoadTarget {
  return {
    name: 'stub',
    wire,
    requestFor: ({ history, message }) => ({
      url: `${url}/chat/completions`,
      body: { model, messages: [...history, { role: 'user', content: message }], stream: wire === 'sse' },
      headers: {},
    }),
    replyIn({ body, events }) {
      if (wire === 'json') return replyOr(recordOf(recordOf(listOf(body['choices'])[0])['message'])['content'], body);
      const pieces = events.map(({ data, atMs }) => {
        const delta = recordOf(recordOf(listOf(parseRecord(data)['choices'])[0])['delta']);
        return { text: stringOf(delta['content']), atMs };
      });
      const reply = pieces.map((piece) => piece.text).join('');
      return { reply, firstTokenAtMs: pieces.find((piece) => piece.text !== '')?.atMs };
    },
  };
}

/** The floor speaks as the naive program does, over JSON only. */
export function floorTarget({ url }: { url: string }): LoadTarget {
  return { ...naiveTarget({ url }), name: 'floor' };
}

export function naiveTarget({ url, wire = 'json' }: { url: string; wire?: Wire }): LoadTarget {
  return {
    name: 'naive',
    wire,
    requestFor: ({ sessionId, message }) => ({
      url: `${url}/api/chat`,
      body: { session_id: sessionId, message },
      headers: acceptOf(wire),
    }),
    replyIn: (answer) => streamedOr(answer, wire),
  };
}

export function productTarget(product: { url: string; businessId: string; wire?: Wire; isLong?: boolean }): LoadTarget {
  const { url, businessId, wire = 'json', isLong = false } = product;
  return {
    name: 'product',
    wire,
    ...(isLong ? { forgets: true } : {}),
    requestFor: ({ sessionId, message, key, sessionToken }) => ({
      url: `${url}/api/chat`,
      body: { session_id: sessionId, message, business_id: businessId },
      headers: {
        ...acceptOf(wire),
        'idempotency-key': key,
        ...(sessionToken === null ? {} : { 'x-session-token': sessionToken }),
      },
    }),
    replyIn(answer, { turn }) {
      if (wire === 'sse' && answer.events.length === 0) return { fault: 'the answer is no event stream' };
      const body = wire === 'sse' ? dataOf(answer, 'done') : answer.body;
      if (body['outcome'] !== 'answered') return { fault: `outcome ${String(body['outcome'])}${problemIn(answer)}` };
      // A message and its reply take two numbers, and nothing else may stand between.
      if (body['seq'] !== 2 * turn) return { fault: `seq ${String(body['seq'])} at turn ${turn}` };
      return streamedOr(answer, wire);
    },
  };
}

function acceptOf(wire: Wire): Record<string, string> {
  return wire === 'sse' ? { accept: 'text/event-stream' } : {};
}

function dataOf({ events }: JsonAnswer, name: string): JsonRecord {
  return parseRecord(events.find((event) => event.name === name)?.data ?? '');
}

function problemIn(answer: JsonAnswer): string {
  const error = answer.events.find((event) => event.name === 'error');
  return error === undefined ? '' : `: ${error.data.slice(0, 200)}`;
}

/** The pieces since the last fresh start, joined, must be the reply that ends the stream. */
function streamedOr(answer: JsonAnswer, wire: Wire): Reply | { fault: string } {
  const { body, events } = answer;
  const token = { ...body, ...dataOf(answer, 'accepted') }['session_token'];
  const proof = typeof token === 'string' ? { sessionToken: token } : {};
  if (wire === 'json') {
    const found = replyOr(body['reply'], body);
    return 'fault' in found ? found : { ...found, ...proof };
  }
  const found = replyOr(dataOf(answer, 'done')['reply'], dataOf(answer, 'done'));
  if ('fault' in found) return found;
  const fresh = events.slice(events.findLastIndex((event) => event.name === 'reset') + 1);
  const deltas = fresh.filter((event) => event.name === 'delta');
  const shown = deltas.map((event) => stringOf(parseRecord(event.data)['delta'])).join('');
  if (shown !== found.reply) return { fault: `shown "${shown.slice(0, 80)}", but the reply is "${found.reply}"` };
  return { ...found, ...proof, firstTokenAtMs: deltas[0]?.atMs };
}

function replyOr(reply: unknown, body: object): { reply: string } | { fault: string } {
  return typeof reply === 'string' ? { reply } : { fault: `no reply: ${JSON.stringify(body).slice(0, 200)}` };
}
