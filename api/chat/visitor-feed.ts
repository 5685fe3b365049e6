import type { ParameterizedContext } from 'koa';

import type { SessionId, TenantId } from '#domain/ids.ts';
import { readSessionPulse, type SessionPulse } from '#models/read/session-pulse.ts';
import { readTranscript } from '#models/read/transcript.ts';

import type { ApiDeps } from '../deps.ts';
import type { StreamEvent } from '../live/event-text.ts';
import { lookAgain } from '../live/look-again.ts';
import type { RequestState } from '../state.ts';
import { presentMessage } from './presenter.ts';

export type FeedDeps = Pick<ApiDeps, 'knex' | 'logger' | 'live' | 'streams'>;

export interface VisitorFeed {
  tenantId: TenantId;
  sessionId: SessionId;
  after: number;
  /** Whether the door this reader came in by is still open. */
  mayReadOn: () => Promise<boolean>;
}

const PAGE = 100;
const MESSAGE_SEQ = /^\d{1,9}$/;

/** A visitor's conversation as it goes on: messages by their number, and who speaks. Ends only with its reader. */
export async function feedVisitor(
  deps: FeedDeps,
  ctx: ParameterizedContext<RequestState>,
  feed: VisitorFeed,
): Promise<void> {
  deps.streams.requireRoom();
  const lastId = ctx.get('Last-Event-ID');
  const look = createLook(deps, { ...feed, after: MESSAGE_SEQ.test(lastId) ? Number(lastId) : feed.after });
  // Looked at once before the first byte: a database that is away is a problem of its own.
  let events: StreamEvent[] = await look();
  const stream = deps.streams.open(ctx, { isFeed: true, mayReadOn: feed.mayReadOn });
  const again = lookAgain(deps.live, feed.sessionId, stream.signal);
  try {
    while (await stream.send(events)) {
      // A full page has more behind it, and an empty one nothing.
      if (events.length === 0) await again.next();
      if (!stream.signal.aborted) events = await look();
    }
  } catch (error) {
    // The reader comes back with the last number it has.
    deps.logger.warn({ error, sessionId: feed.sessionId }, 'conversation not read, feed ended');
  } finally {
    again.leave();
    stream.end();
  }
}

/** Gives what is new since it was asked last; asks for messages only where the session's counter has moved. */
function createLook({ knex }: FeedDeps, { tenantId, sessionId, after: from }: VisitorFeed) {
  let after = from;
  let lookedAt = from;
  let epoch: number | null = null;

  return async function look(): Promise<StreamEvent[]> {
    const pulse = await readSessionPulse(knex, tenantId, sessionId);
    if (pulse === null) return [];
    const messages =
      pulse.lastSeq > lookedAt
        ? await readTranscript(knex, tenantId, { sessionId, after, limit: PAGE, audience: 'visitor' })
        : [];
    if (messages.length < PAGE) lookedAt = pulse.lastSeq;
    const events = messages.map((message) => {
      after = message.seq;
      return { id: String(message.seq), event: 'message', data: presentMessage(message) };
    });
    if (pulse.ownerEpoch === epoch) return events;
    epoch = pulse.ownerEpoch;
    return [...events, ownerEvent(pulse, after)];
  };
}

function ownerEvent({ owner, agentName }: SessionPulse, after: number): StreamEvent {
  return { id: String(after), event: 'owner', data: { owner, agent: owner === 'human' ? agentName : null } };
}
