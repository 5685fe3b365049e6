import type { ParameterizedContext } from 'koa';

import type { ChatAnswer } from '#contract/chat.ts';
import { Problem } from '#contract/problems.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import type { TurnAnswer } from '#domain/turn.ts';
import { readCurrentBalance } from '#models/credit-ledger/read-current-balance.ts';

import type { ApiDeps } from '../deps.ts';
import { wantsEvents } from '../live/wants-events.ts';
import { readIdempotencyKey } from '../middleware/idempotency-key.ts';
import type { RequestState } from '../state.ts';
import { acceptChat, type AcceptedChat, type IncomingChat } from './accept-chat.ts';
import { findAnswer } from './covering-turn.ts';
import { driveTurn, type DriveDeps, type TurnDrive } from './drive-turn.ts';
import { presentAccepted, presentTurn } from './presenter.ts';
import { sessionTokenOf } from './session-proof.ts';
import { streamChat, type StreamDeps, type StreamedChat } from './stream-chat.ts';

export type ChatDeps = StreamDeps & DriveDeps & Pick<ApiDeps, 'doorbell' | 'keyRing' | 'knownChats' | 'live'>;

type ChatCall = Omit<IncomingChat, 'key' | 'acceptLanguage' | 'streams'> & Pick<StreamedChat, 'mayReadOn'>;
type AnswerChat = (ctx: ParameterizedContext<RequestState>, call: ChatCall) => Promise<void>;

/** Proxies and phones give up at 30 s: before that the caller gets a 202 and may come back with the same key. */
const ANSWER_WAIT_MS = 25_000;

/** What all chat paths share: accept, hand over, and answer: piece by piece, or once the outcome is there. */
export function createAnswerChat(deps: ChatDeps): AnswerChat {
  return async function answerChat(ctx, call) {
    const streams = wantsEvents(ctx);
    if (streams) deps.streams.requireRoom();
    const chat: IncomingChat = {
      ...call,
      streams,
      key: readIdempotencyKey(ctx),
      acceptLanguage: ctx.get('Accept-Language'),
    };
    // This row is the promise: whatever dies after it, the sweeper drives the turn again.
    const accepted = await ctx.state.timing.measure('accept', () =>
      deps.turnsInFlight.atDoor(() => acceptChat(deps, chat)),
    );
    const drive = driveTurn(deps, accepted);
    try {
      await answerAccepted(deps, ctx, { chat, accepted, drive, mayReadOn: call.mayReadOn });
    } finally {
      // Who left, or is told to come again, no longer waits here for its end.
      drive.leave();
    }
  };
}

interface AnswerableChat extends Pick<StreamedChat, 'mayReadOn'> {
  chat: IncomingChat;
  accepted: AcceptedChat;
  drive: TurnDrive;
}

async function answerAccepted(
  deps: ChatDeps,
  ctx: ParameterizedContext<RequestState>,
  { chat, accepted, drive, mayReadOn }: AnswerableChat,
): Promise<void> {
  if (accepted.isReplay) ctx.set('Idempotency-Replayed', 'true');
  // A known key may be done already: then nobody is woken for it.
  const done = accepted.isReplay ? await findAnswer(deps.knex, accepted) : null;
  const sessionToken = accepted.isFirst ? sessionTokenOf(deps.keyRing, accepted.sessionId) : null;
  const caller: Caller = { accepted, drive, clientSessionId: chat.clientSessionId, sessionToken };
  if (chat.streams) {
    if (done === null) drive.start();
    const presentTo = (answer: TurnAnswer): Promise<ChatAnswer> => present(deps, caller, answer);
    await streamChat(deps, ctx, { accepted, sessionToken, mayReadOn, present: presentTo });
    return;
  }
  const answer = done ?? (await startAndWait(deps, { accepted, drive }, waitOf(ctx)));
  if (answer === null) {
    ctx.status = 202;
    ctx.set('Location', transcriptUrl(chat));
    ctx.body = presentAccepted({ ...accepted, ...caller });
    return;
  }
  addTimings(ctx, answer, deps.clock.now());
  ctx.body = await present(deps, caller, answer);
}

interface Caller {
  accepted: AcceptedChat;
  drive: TurnDrive;
  clientSessionId: string;
  /** Only for whoever sent the first message. */
  sessionToken: string | null;
}

async function present(
  deps: ChatDeps,
  { accepted, drive, ...caller }: Caller,
  answer: TurnAnswer,
): Promise<ChatAnswer> {
  drive.end(answer);
  return presentTurn({ ...caller, answer, balanceMillicredits: await balanceFor(deps, accepted, answer) });
}

/** Watching starts before the hand-over: the answer may be there before it returns. */
function startAndWait(
  { answers }: ChatDeps,
  { accepted, drive }: Pick<AnswerableChat, 'accepted' | 'drive'>,
  waitMs: number,
): Promise<TurnAnswer | null> {
  const answering = answers.of(accepted, { waitMs });
  drive.start();
  return answering;
}

/** Where the answer will stand, for a caller that did not wait for it. */
function transcriptUrl({ channel, clientSessionId, tenant }: IncomingChat): string {
  const id = encodeURIComponent(clientSessionId);
  if (channel === 'signed_in') return `/api/chat/history/${id}`;
  if (channel === 'widget') return `/api/widget/chat/messages?session_id=${id}`;
  const business = 'businessId' in tenant ? `&business_id=${encodeURIComponent(tenant.businessId)}` : '';
  return `/api/chat/messages?session_id=${id}${business}`;
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
