import { Router } from '@koa/router';

import { Problem } from '#contract/problems.ts';
import { DeliveryParams, DeliveryQuery } from '#contract/webhooks.ts';
import { listAttempts, listDeliveries } from '#models/read/webhook-deliveries.ts';

import { decodeCursor, foreignCursor, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentAttempt, presentDelivery } from './presenter.ts';

/** What became of each event at each endpoint, request by request. */
export function deliveryRoutes({ knex }: Pick<ApiDeps, 'knex'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<DeliveryQuery>>(
    '/api/webhooks/deliveries',
    authenticate(),
    requirePermission('webhooks.read'),
    validateQuery(DeliveryQuery),
    async (ctx) => {
      const { endpoint, state, limit, cursor } = ctx.state.query;
      const before = cursor === undefined ? null : deliveryIdOf(cursor);
      const filter = { endpointId: endpoint ?? null, state: state ?? null, before, limit: limit + 1 };
      const rows = await listDeliveries(knex, ctx.state.actor.tenantId, filter);
      const { page, nextCursor } = pageOf(rows, limit, ({ id }) => [id]);
      ctx.body = { data: page.map(presentDelivery), next_cursor: nextCursor };
    },
  );

  router.get<SignedInState & ParamsState<DeliveryParams>>(
    '/api/webhooks/deliveries/:id/attempts',
    authenticate(),
    requirePermission('webhooks.read'),
    validateParams(DeliveryParams),
    async (ctx) => {
      const attempts = await listAttempts(knex, ctx.state.actor.tenantId, ctx.state.params.id);
      if (attempts === null) throw new Problem('not-found', { detail: 'No delivery has this id.' });
      ctx.body = { data: attempts.map(presentAttempt), next_cursor: null };
    },
  );
  return router;
}

function deliveryIdOf(cursor: string): string {
  const [id = ''] = decodeCursor(cursor, 1);
  if (!DeliveryParams.safeParse({ id }).success) throw foreignCursor();
  return id;
}
