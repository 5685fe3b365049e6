import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { createJsonClient, type JsonAnswer, type JsonClient } from '../../bench/load/send-json.ts';
import { stringOf } from '../../bench/wire/parse-record.ts';

/** One message as its sender sees it: unknown until an answer says what became of it. */
export interface Operation {
  sessionId: string;
  key: string;
  message: string;
  token: string | null;
  /** What the reply must hold: it shows which messages the model saw. */
  expects: string;
  state: 'ok' | 'fail' | 'unknown';
  /** Each try: a status, or 0 where the connection broke. */
  statuses: number[];
  /** For each refusal to come back later, whether it said when. */
  waits: boolean[];
  startedMs: number;
  endedMs: number;
  answer: JsonAnswer | null;
}

export interface ChatClient {
  /** Every operation, oldest first. */
  readonly operations: readonly Operation[];
  /** Sends until it is answered or the time is up; the same key each time. */
  chat(call: ChatCall): Promise<Operation>;
  /** The same request once more, whatever became of it. */
  sendAgain(operation: Operation, message?: string): Promise<JsonAnswer>;
  close(): void;
}

export interface ChatCall {
  sessionId: string;
  key: string;
  message: string;
  token: string | null;
  expects?: string;
  giveUpAfterMs?: number;
  businessId?: string;
}

const TRY_TIMEOUT_MS = 40_000;
const GIVE_UP_AFTER_MS = 180_000;
const RESEND_PAUSE_MS = 200;
/** Not yet, busy, or away for a moment: the same key may be sent again. */
const COME_BACK = new Set([0, 202, 429, 503]);

export function createChatClient(url: string): ChatClient {
  const http = createJsonClient();
  const operations: Operation[] = [];
  const businessOf = new Map<Operation, string | undefined>();
  const sendAgain = (operation: Operation, message = operation.message): Promise<JsonAnswer> =>
    post({ http, url, businessId: businessOf.get(operation) }, { ...operation, message });
  return {
    operations,
    sendAgain,
    async chat({ sessionId, key, message, token, expects = '', businessId, giveUpAfterMs = GIVE_UP_AFTER_MS }) {
      const startedMs = performance.now();
      const sending = { sessionId, key, message, token, expects, startedMs, endedMs: startedMs };
      const operation: Operation = { ...sending, state: 'unknown', statuses: [], waits: [], answer: null };
      operations.push(operation);
      businessOf.set(operation, businessId);
      while (operation.state === 'unknown' && performance.now() - startedMs < giveUpAfterMs) {
        const answer = await sendAgain(operation).catch(() => null);
        note(operation, answer);
        if (operation.state === 'unknown') await pause(RESEND_PAUSE_MS);
      }
      return operation;
    },
    close: () => http.close(),
  };
}

function note(operation: Operation, answer: JsonAnswer | null): void {
  const status = answer?.status ?? 0;
  operation.statuses.push(status);
  if (status === 429 || status === 503) operation.waits.push(answer?.headers['retry-after'] !== undefined);
  operation.answer = answer;
  operation.endedMs = performance.now();
  if (!COME_BACK.has(status)) operation.state = status === 200 ? 'ok' : 'fail';
}

interface Door {
  http: JsonClient;
  url: string;
  businessId: string | undefined;
}

function post({ http, url, businessId = 'demo' }: Door, call: Omit<ChatCall, 'businessId'>): Promise<JsonAnswer> {
  return http.post(`${url}/api/chat`, {
    body: { session_id: call.sessionId, message: call.message, business_id: businessId },
    headers: {
      'idempotency-key': call.key,
      ...(call.token === null ? {} : { 'x-session-token': call.token }),
    },
    timeoutMs: TRY_TIMEOUT_MS,
  });
}

export function tokenIn(answer: JsonAnswer | null): string | null {
  return stringOf(answer?.body['session_token']) || null;
}
