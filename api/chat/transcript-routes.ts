import { Router } from '@koa/router';
import type { Knex } from 'knex';

import { HistoryParams, HistoryQuery, TranscriptQuery, type Transcript } from '#contract/chat.ts';
import { isId, type TenantId } from '#domain/ids.ts';
import { findSession, readTranscript, type TranscriptPage } from '#models/read/transcript.ts';
import { sha256Hex } from '#platform/digest.ts';

import type { ApiDeps } from '../deps.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { wantsEvents } from '../live/wants-events.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { noStore } from '../middleware/no-store.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { sameOriginOnly } from '../middleware/same-origin-only.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import { isPublishedOnHttps } from '../policies/is-published-on-https.ts';
import type { ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentTranscript } from './presenter.ts';
import { noConversation } from './no-conversation.ts';
import { feedVisitor, type FeedDeps } from './visitor-feed.ts';
import { findVisitorSession, takesPublicChats } from './visitor.ts';

type Deps = FeedDeps & Pick<ApiDeps, 'keyRing' | 'env'>;

/** One page of a conversation, as both paths of visitors and the team read it. */
export async function transcriptOf(knex: Knex, tenantId: TenantId, page: TranscriptPage): Promise<Transcript> {
  // One more than asked for tells whether there is more.
  const messages = await readTranscript(knex, tenantId, { ...page, limit: page.limit + 1 });
  return presentTranscript(messages, page);
}

/** The conversation so far: a visitor's own, and any of the tenant's for those who may read them. */
export function transcriptRoutes(deps: Deps): Router<RequestState> {
  const { knex, keyRing, env } = deps;
  const router = new Router<RequestState>();
  const isHttps = isPublishedOnHttps(env.PUBLIC_URL);

  router.get<QueryState<TranscriptQuery>>(
    '/api/chat/messages',
    noStore(),
    limitReads(),
    sameOriginOnly(),
    validateQuery(TranscriptQuery),
    async (ctx) => {
      const { after, limit } = ctx.state.query;
      const { tenantId, sessionId } = await findVisitorSession(ctx, { knex, keyRing, isHttps }, ctx.state.query);
      if (wantsEvents(ctx)) {
        const mayReadOn = (): Promise<boolean> => takesPublicChats(knex, ctx.state.query);
        return feedVisitor(deps, ctx, { tenantId, sessionId, after, mayReadOn });
      }
      ctx.body = await transcriptOf(knex, tenantId, { sessionId, after, limit, audience: 'visitor' });
    },
  );

  router.get<SignedInState & QueryState<HistoryQuery> & ParamsState<HistoryParams>>(
    '/api/chat/history/:session_id',
    authenticate(),
    requirePermission('sessions.read'),
    validateParams(HistoryParams),
    validateQuery(HistoryQuery),
    async (ctx) => {
      const { tenantId } = ctx.state.actor;
      const { session_id: given } = ctx.state.params;
      const by = isId('ses', given) ? { sessionId: given } : { clientIdHash: sha256Hex(given) };
      const sessionId = await findSession(knex, tenantId, by);
      if (sessionId === null) throw noConversation();
      ctx.body = await transcriptOf(knex, tenantId, { ...ctx.state.query, sessionId, audience: 'team' });
    },
  );
  return router;
}
