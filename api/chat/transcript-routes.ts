import { Router } from '@koa/router';

import { HistoryParams, HistoryQuery, TranscriptQuery } from '#contract/chat.ts';
import { Problem } from '#contract/problems.ts';
import { isId, type SessionId, type TenantId } from '#domain/ids.ts';
import { locateChat } from '#models/locate-chat.ts';
import { findSession, readTranscript } from '#models/read/transcript.ts';
import { sha256Hex } from '#platform/digest.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { noStore } from '../middleware/no-store.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { sameOriginOnly } from '../middleware/same-origin-only.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import { isPublishedOnHttps } from '../policies/is-published-on-https.ts';
import type { ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentTranscript } from './presenter.ts';
import { admitTenant, publicTenant, requireProof, visitorOf } from './visitor.ts';

type Deps = Pick<ApiDeps, 'knex' | 'keyRing' | 'env'>;

/** The conversation so far: a visitor's own, and any of the tenant's for those who may read them. */
export function transcriptRoutes({ knex, keyRing, env }: Deps): Router<RequestState> {
  const router = new Router<RequestState>();
  const isHttps = isPublishedOnHttps(env.PUBLIC_URL);

  async function transcriptOf(
    tenantId: TenantId,
    sessionId: SessionId,
    { after, limit }: { after: number; limit: number },
  ) {
    // One more than asked for tells whether there is more.
    const messages = await readTranscript(knex, tenantId, { sessionId, after, limit: limit + 1 });
    return presentTranscript(messages, { after, limit });
  }

  router.get<QueryState<TranscriptQuery>>(
    '/api/chat/messages',
    noStore(),
    sameOriginOnly(),
    validateQuery(TranscriptQuery),
    async (ctx) => {
      const { session_id: clientSessionId, business_id: businessId, ...page } = ctx.state.query;
      const located = await locateChat(knex, {
        tenant: publicTenant(businessId),
        channel: 'public',
        clientIdHash: sha256Hex(clientSessionId),
        clientMessageId: '',
      });
      const { tenantId, session } = admitTenant(located);
      if (session === null) throw noConversation();
      requireProof(keyRing, session, { clientSessionId, visitor: visitorOf(ctx, { isHttps }) });
      ctx.body = await transcriptOf(tenantId, session.id, page);
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
      ctx.body = await transcriptOf(tenantId, sessionId, ctx.state.query);
    },
  );
  return router;
}

function noConversation(): Problem {
  return new Problem('not-found', { detail: 'No conversation has this session_id.' });
}
