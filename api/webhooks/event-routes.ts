import { Router } from '@koa/router';
import { z } from 'zod';

import { envelopeOf, EVENT_DATA, EVENT_TYPES } from '#contract/events.ts';
import { FeedQuery, type EventTypeList } from '#contract/webhooks.ts';
import { readFeed } from '#models/outbox/feed.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { QueryState, RequestState, SignedInState } from '../state.ts';

/** What is told, and the same events to read for whoever was away. */
export function eventRoutes({ knex }: Pick<ApiDeps, 'knex'>): Router<RequestState> {
  const router = new Router<RequestState>();
  const catalogue = describeEventTypes();

  router.get<SignedInState>(
    '/api/webhooks/event-types',
    authenticate(),
    requirePermission('webhooks.read'),
    async (ctx) => {
      ctx.body = catalogue;
    },
  );

  router.get<SignedInState & QueryState<FeedQuery>>(
    '/api/events',
    authenticate(),
    requirePermission('webhooks.read'),
    validateQuery(FeedQuery),
    async (ctx) => {
      const { after, session_id: sessionId, type, limit } = ctx.state.query;
      const query = { after, sessionId: sessionId ?? null, type: type ?? null, limit };
      const { bodies, nextAfter, hasMore } = await readFeed(knex, ctx.state.actor.tenantId, query);
      ctx.type = 'application/json';
      // Put together by hand: parsing and writing again could change the bytes that were signed.
      ctx.body = `{"data":[${bodies.join(',')}],"next_after":${nextAfter},"has_more":${hasMore}}`;
    },
  );
  return router;
}

function describeEventTypes(): EventTypeList {
  const data = EVENT_TYPES.map((name) => ({
    name,
    description: EVENT_DATA[name].meta()?.description ?? '',
    schema: z.toJSONSchema(envelopeOf(name)) as Record<string, unknown>,
  }));
  return { data, next_cursor: null };
}
