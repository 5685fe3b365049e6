import type { ParameterizedContext } from 'koa';

import { Problem } from '#contract/problems.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import type { TurnAnswer } from '#domain/turn.ts';
import { readCurrentBalance } from '#models/credit-ledger/read-current-balance.ts';
import { readTurnAnswer } from '#models/read/turn-answer.ts';

import type { ApiDeps } from '../deps.ts';
import type { RequestState } from '../state.ts';
import { acceptChat, type AcceptedChat, type IncomingChat } from './accept-chat.ts';
import { presentAccepted, presentTurn } from './presenter.ts';
import { sessionTokenOf } from './session-proof.ts';

export type ChatDeps = Pick<ApiDeps, 'knex' | 'clock' | 'doorbell' | 'keyRing' | 'answers' | 'handToSession'>;

type ChatCall = Omit<IncomingChat, 'key' | 'acceptLanguage'>;
type AnswerChat = (ctx: ParameterizedContext<RequestState>, call: ChatCall) => Promise<void>;

/** Proxies and phones give up at 30 s: before that the caller gets a 202 and may come back with the same key. */
const ANSWER_WAIT_MS = 25_000;
const VISIBLE_ASCII = /^[\x21-\x7e]{1,128}$/;

/** What all chat paths share: accept, hand over, wait for the outcome, answer. */
export function createAnswerChat(deps: ChatDeps): AnswerChat {
  return async function answerChat(ctx, call) {
    const chat: IncomingChat = { ...call, key: keyOf(ctx), acceptLanguage: ctx.get('Accept-Language') };
    // This row is the promise: whatever dies after it, the sweeper drives the turn again.
    const accepted = await ctx.state.timing.measure('accept', () => acceptChat(deps, chat));
    if (accepted.isReplay) ctx.set('Idempotency-Replayed', 'true');
    // A known key may be done already: then nobody is woken for it.
    const done = accepted.isReplay ? await readTurnAnswer(deps.knex, accepted) : null;
    const answer = done ?? (await drive(deps, accepted, waitOf(ctx)));
    const sessionToken = accepted.isFirst ? sessionTokenOf(deps.keyRing, accepted.sessionId) : null;
    const { clientSessionId } = chat;
    if (answer === null) {
      ctx.status = 202;
      ctx.set('Location', transcriptUrl(chat));
      ctx.body = presentAccepted({ ...accepted, clientSessionId, sessionToken });
      return;
    }
    addTimings(ctx, answer, deps.clock.now());
    const balanceMillicredits = await balanceFor(deps, accepted, answer);
    ctx.body = presentTurn({ answer, clientSessionId, sessionToken, balanceMillicredits });
  };
}

/** Watching starts before the hand-over; that is not awaited: the answer may be faster than its acknowledgement. */
function drive(deps: ChatDeps, accepted: AcceptedChat, waitMs: number): Promise<TurnAnswer | null> {
  const answering = deps.answers.of(accepted, { waitMs });
  deps.handToSession(accepted);
  return answering;
}

/** Where the answer will stand, for a caller that did not wait for it. */
function transcriptUrl({ channel, clientSessionId, tenant }: IncomingChat): string {
  const id = encodeURIComponent(clientSessionId);
  if (channel === 'signed_in') return `/api/chat/history/${id}`;
  const business = 'businessId' in tenant ? `&business_id=${encodeURIComponent(tenant.businessId)}` : '';
  return `/api/chat/messages?session_id=${id}${business}`;
}

function keyOf(ctx: ParameterizedContext): string | null {
  const key = ctx.get('Idempotency-Key');
  if (key === '') return null;
  if (VISIBLE_ASCII.test(key)) return key;
  throw new Problem('invalid-header', { detail: 'Idempotency-Key takes 1 to 128 visible ASCII characters.' });
}

/** RFC 7240: a caller that does not want to wait says so. */
function waitOf(ctx: ParameterizedContext): number {
  return /(^|,)\s*respond-async\s*(,|;|$)/i.test(ctx.get('Prefer')) ? 0 : ANSWER_WAIT_MS;
}

function addTimings(ctx: ParameterizedContext<RequestState>, answer: TurnAnswer, now: Date): void {
  const { timing } = ctx.state;
  timing.add('queue', answer.queueMs);
  timing.add('model', answer.modelMs ?? 0);
  timing.add('commit', Math.max(0, now.getTime() - answer.closedAt.getTime()));
}

/** A signed-in caller sees the balance after the charge, and an empty one as the problem it is. */
async function balanceFor(deps: ChatDeps, accepted: AcceptedChat, answer: TurnAnswer): Promise<bigint | null> {
  if (accepted.channel !== 'signed_in') return null;
  const balance = await readCurrentBalance(deps.knex, accepted.tenantId, deps.clock.now());
  if (answer.outcome !== 'credit_stopped') return balance.availableMillicredits;
  throw new Problem('credits-exhausted', {
    detail: 'The credits of this billing period do not cover another answer.',
    extensions: {
      outcome: answer.outcome,
      available: formatCredits(balance.availableMillicredits),
      resets_at: balance.period?.endsAt.toISOString() ?? null,
      options: ['wait for the next period', 'change the plan'],
    },
  });
}
