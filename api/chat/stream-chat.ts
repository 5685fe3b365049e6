import type { ParameterizedContext } from 'koa';

import type { ChatAnswer, ChatStreamAccepted } from '#contract/chat.ts';
import type { TurnAnswer, TurnRef } from '#domain/turn.ts';
import { readTextUpTo } from '#models/read/reply-chunks.ts';
import { readSessionDisclosure } from '#models/read/session-disclosure.ts';

import type { ApiDeps } from '../deps.ts';
import type { EventStream } from '../live/event-streams.ts';
import { presentProblem, problemOf } from '../problems/present-problem.ts';
import type { RequestState } from '../state.ts';
import type { AcceptedChat } from './accept-chat.ts';
import { answeredBy, COVERING_MAX, coveringTurn } from './covering-turn.ts';
import { followTurn, type FollowedTurn } from './follow-turn.ts';
import { presentDisclosure } from './presenter.ts';
import { createReplyEvents, readPlace, type ReplyEvents, type StreamPlace } from './reply-events.ts';

export type StreamDeps = Pick<ApiDeps, 'knex' | 'logger' | 'answers' | 'streams'>;

export interface StreamedChat {
  accepted: AcceptedChat;
  sessionToken: string | null;
  /** The answer as this caller may see it; throws the problem it is for this caller. */
  present(answer: TurnAnswer): Promise<ChatAnswer>;
  /** Whether the door this caller came in by is still open. */
  mayReadOn?: (() => Promise<boolean>) | undefined;
}

type Context = ParameterizedContext<RequestState>;

/**
 * The answer as it is written. The first byte leaves here, with the message on record: from now on what goes wrong is
 * an event. A reader that leaves changes nothing; it comes back with the same key and the last id it has seen.
 */
export async function streamChat(deps: StreamDeps, ctx: Context, chat: StreamedChat): Promise<void> {
  const { accepted, mayReadOn } = chat;
  const resumed = readPlace(ctx.get('Last-Event-ID'));
  const start = placeOf(accepted, resumed);
  const shown = await readTextUpTo(deps.knex, accepted, start);
  const opening = await presentOpening(deps, chat);
  const stream = deps.streams.open(ctx, { isFeed: false, mayReadOn });
  const events = createReplyEvents(start, shown);
  try {
    const first = [events.tell('accepted', opening)];
    if (!accepted.isReplay) first.push(events.tell('status', { state: stateOf(accepted) }));
    if (await stream.send(first)) await tellTurn(deps, chat, { stream, events, resumed });
  } catch (error) {
    const problem = problemOf(error);
    if (problem.status >= 500) ctx.state.log.error({ error }, 'stream failed');
    const told = presentProblem(problem, { path: ctx.path, requestId: ctx.state.requestId });
    await stream.send([events.tell('error', { problem: told })]);
  } finally {
    stream.end();
  }
}

interface Telling {
  stream: EventStream;
  events: ReplyEvents;
  resumed: StreamPlace | null;
}

async function tellTurn(deps: StreamDeps, { accepted, present }: StreamedChat, telling: Telling): Promise<void> {
  const { stream, events, resumed } = telling;
  let turn: TurnRef = { tenantId: accepted.tenantId, turnId: accepted.turnId };
  let own: TurnAnswer | null = null;
  for (let hops = 0; hops < COVERING_MAX; hops += 1) {
    // Before a first message was told, its disclosure was read: the worker may have been faster.
    const isBegun = accepted.isReplay || accepted.isFirst || hops > 0;
    const answer = await tellPieces(deps, telling, { turn, isBegun });
    if (answer === null) return;
    own ??= answer;
    const next = coveringTurn(answer);
    if (next === null) {
      const whole = answeredBy(own, answer);
      const last = events.complete(whole.reply?.text ?? null);
      await stream.send([...last, events.tell('done', await present(whole))]);
      return;
    }
    turn = next;
    const place = placeOf(next, resumed);
    const shown = await readTextUpTo(deps.knex, next, place);
    await stream.send(events.goTo(place, shown));
  }
}

/** Tells the pieces of one turn until its outcome; null where the stream ends before. */
async function tellPieces(
  deps: StreamDeps,
  { stream, events }: Telling,
  { turn, isBegun }: { turn: TurnRef; isBegun: boolean },
): Promise<TurnAnswer | null> {
  const { signal } = stream;
  const followed = followTurn(deps, turn, { cursor: events.place(), isBegun, signal });
  try {
    for (;;) {
      const news = await followed.next();
      if (news.kind === 'over') return null;
      if (news.kind === 'ended')
        return (await tellRest({ stream, events }, followed, news.answer)) ? news.answer : null;
      if (!(await stream.send(events.show(news.chunks)))) return null;
    }
  } finally {
    followed.leave();
  }
}

/** The outcome may have come faster than the last pieces; their numbers are what a reader comes back with. */
async function tellRest(
  { stream, events }: Pick<Telling, 'stream' | 'events'>,
  followed: FollowedTurn,
  answer: TurnAnswer,
): Promise<boolean> {
  while (!events.isComplete(answer.reply?.text ?? null)) {
    const chunks = await followed.rest();
    if (chunks.length === 0) return true;
    if (!(await stream.send(events.show(chunks)))) return false;
  }
  return true;
}

/** Where the reader of a turn begins: at the last piece it has seen, if that was one of this turn. */
function placeOf({ turnId }: { turnId: TurnRef['turnId'] }, resumed: StreamPlace | null): StreamPlace {
  return resumed?.turnId === turnId ? resumed : { turnId, attempt: 0, seq: 0 };
}

async function presentOpening(
  { knex }: StreamDeps,
  { accepted, sessionToken }: StreamedChat,
): Promise<ChatStreamAccepted> {
  const { tenantId, sessionId, turnId, messageId, isFirst } = accepted;
  const disclosure = isFirst ? await readSessionDisclosure(knex, tenantId, sessionId) : null;
  return {
    turn_id: turnId,
    message_id: messageId,
    ...(sessionToken === null ? {} : { session_token: sessionToken }),
    ...(disclosure === null ? {} : { disclosure: presentDisclosure(disclosure) }),
  };
}

function stateOf({ owner }: AcceptedChat): 'thinking' | 'with_person' {
  return owner === 'ai' ? 'thinking' : 'with_person';
}
