import { Router } from '@koa/router';

import { SessionListQuery, SessionMessagesQuery, SessionParams, type SessionList } from '#contract/sessions.ts';
import { isId, type SessionId } from '#domain/ids.ts';
import { listSessions } from '#models/read/session-list.ts';
import { readSession } from '#models/read/session-view.ts';
import { findSession, readTranscript } from '#models/read/transcript.ts';
import { sha256Hex } from '#platform/digest.ts';

import { lastIdOf, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { wantsEvents } from '../live/wants-events.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentSession, presentSessionDetail, presentThread } from './presenter.ts';
import { noSession } from './refusal.ts';
import { streamThread, type StreamDeps } from './stream-routes.ts';

type OneSession = SignedInState & ParamsState<SessionParams>;

export type ReadDeps = StreamDeps & Pick<ApiDeps, 'clock' | 'sessionIdleMs'>;

/** Conversations to look at: lists, one with what is known around it, and its messages. */
export function readRoutes(deps: ReadDeps): Router<RequestState> {
  const { knex, clock, sessionIdleMs } = deps;
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<SessionListQuery>>(
    '/api/sessions',
    authenticate(),
    requirePermission('sessions.read'),
    validateQuery(SessionListQuery),
    async (ctx) => {
      const { tenantId, userId } = ctx.state.actor;
      const { view, q, cursor, limit } = ctx.state.query;
      // One more than asked for tells whether there is more.
      const found = await listSessions(knex, tenantId, {
        view: view ?? null,
        named: q === undefined ? null : namedBy(q),
        before: lastIdOf('ses', cursor),
        limit: limit + 1,
        userId,
        liveSince: new Date(clock.now().getTime() - sessionIdleMs),
      });
      const { page, nextCursor } = pageOf(found, limit, ({ id }) => [id]);
      ctx.body = { data: page.map(presentSession), next_cursor: nextCursor } satisfies SessionList;
    },
  );

  router.get<OneSession>(
    '/api/sessions/:id',
    authenticate(),
    requirePermission('sessions.read'),
    validateParams(SessionParams),
    async (ctx) => {
      const session = await readSession(knex, ctx.state.actor.tenantId, ctx.state.params.id);
      if (session === null) throw noSession();
      ctx.body = presentSessionDetail(session);
    },
  );

  router.get<OneSession & QueryState<SessionMessagesQuery>>(
    '/api/sessions/:id/messages',
    authenticate(),
    requirePermission('sessions.read'),
    validateParams(SessionParams),
    validateQuery(SessionMessagesQuery),
    async (ctx) => {
      const { tenantId } = ctx.state.actor;
      const { id: sessionId } = ctx.state.params;
      if ((await findSession(knex, tenantId, { sessionId })) === null) throw noSession();
      const { after, limit } = ctx.state.query;
      if (wantsEvents(ctx)) return streamThread(deps, ctx, { tenantId, sessionId, after });
      const messages = await readTranscript(knex, tenantId, { sessionId, after, limit: limit + 1, audience: 'team' });
      ctx.body = presentThread(messages, { after, limit });
    },
  );
  return router;
}

/** Names and e-mail addresses of visitors are not known yet, so a search for one finds nothing. */
function namedBy(q: string): { sessionId: SessionId | null; clientIdHash: string } {
  return { sessionId: isId('ses', q) ? q : null, clientIdHash: sha256Hex(q) };
}
