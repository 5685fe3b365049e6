import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import type { SessionId, TenantId } from '#domain/ids.ts';
import { readFeedEnd, readSessionMoves } from '#models/read/session-feed.ts';
import { readLiveState } from '#models/read/live-state.ts';
import { readTranscript } from '#models/read/transcript.ts';

import type { ApiDeps } from '../deps.ts';
import type { EventStream } from '../live/event-streams.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { stillPermitted } from '../middleware/still-permitted.ts';
import type { RequestState, SignedInState } from '../state.ts';
import { lookAgain, type LookAgain } from '../live/look-again.ts';
import { presentMove } from './presenter.ts';
import { createThreadEvents } from './thread-events.ts';

export type StreamDeps = Pick<ApiDeps, 'knex' | 'logger' | 'live' | 'streams'>;

const PAGE = 100;

/** What moves in any conversation of the tenant: ids and counters, by place in the feed. */
export function feedRoutes(deps: StreamDeps): Router<RequestState> {
  const { knex, live, streams } = deps;
  const router = new Router<RequestState>();
  router.get<SignedInState>('/api/sessions/feed', authenticate(), requirePermission('sessions.read'), async (ctx) => {
    const { tenantId } = ctx.state.actor;
    streams.requireRoom();
    let after = lastEventId(ctx) ?? (await readFeedEnd(knex, tenantId));
    const stream = streams.open(ctx, { isFeed: true, mayReadOn: stillPermitted(ctx, 'sessions.read') });
    // A first event, so that whoever is cut off before anything moved knows where to go on.
    await stream.send([{ id: String(after), event: 'ready', data: { pos: after } }]);
    await follow(deps, stream, lookAgain(live, 'everything', stream.signal), async () => {
      const moves = await readSessionMoves(knex, tenantId, { after, limit: PAGE });
      after = moves.at(-1)?.pos ?? after;
      await stream.send(moves.map((move) => ({ id: String(move.pos), event: 'changed', data: presentMove(move) })));
      return moves.length === PAGE;
    });
  });
  return router;
}

/** One conversation as it goes on; the JSON route has answered already that it exists. */
export async function streamThread(
  deps: StreamDeps,
  ctx: ParameterizedContext<SignedInState>,
  { tenantId, sessionId, after }: { tenantId: TenantId; sessionId: SessionId; after: number },
): Promise<void> {
  const { knex, live, streams } = deps;
  streams.requireRoom();
  const stream = streams.open(ctx, { isFeed: true, mayReadOn: stillPermitted(ctx, 'sessions.read') });
  const events = createThreadEvents(lastEventId(ctx) ?? after);
  const look = lookAgain(live, sessionId, stream.signal);
  await follow(deps, stream, look, async () => {
    const state = await readLiveState(knex, tenantId, { sessionId, shown: events.shown() });
    if (state === null) return false;
    const messages = await readTranscript(knex, tenantId, {
      sessionId,
      after: events.after(),
      limit: PAGE,
      audience: 'team',
    });
    look.alsoWatch(state.running?.turnId ?? null);
    await stream.send(events.tell(state, messages));
    return messages.length === PAGE;
  });
}

/** Looks, tells, and waits to look again, until the reader is gone. `look` says whether there is more at once. */
async function follow(
  { logger }: StreamDeps,
  stream: EventStream,
  again: LookAgain,
  look: () => Promise<boolean>,
): Promise<void> {
  try {
    while (!stream.signal.aborted) {
      if (!(await look())) await again.next();
    }
  } catch (error) {
    // The reader comes back with the last id it has.
    logger.warn({ error }, 'live conversations not read, stream ended');
  } finally {
    again.leave();
    stream.end();
  }
}

const PLACE = /^\d{1,15}$/;

/** Where a reader goes on; a text that we did not write means from the start of what was asked for. */
function lastEventId(ctx: ParameterizedContext): number | null {
  const given = ctx.get('Last-Event-ID');
  return PLACE.test(given) ? Number(given) : null;
}
