import { Router } from '@koa/router';

import { Problem } from '#contract/problems.ts';
import { ReceiptParams } from '#contract/receipts.ts';
import { readReceipt } from '#models/read/receipt.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateParams } from '../middleware/validate-params.ts';
import type { ParamsState, RequestState, SignedInState } from '../state.ts';

/** What an auditor asks first: this one answer, and everything that led to it. */
export function receiptRoutes({ knex }: Pick<ApiDeps, 'knex'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState & ParamsState<ReceiptParams>>(
    '/api/receipts/:turn_id',
    authenticate(),
    requirePermission('sessions.read'),
    validateParams(ReceiptParams),
    async (ctx) => {
      const { tenantId } = ctx.state.actor;
      const record = await readReceipt(knex, { tenantId, turnId: ctx.state.params.turn_id });
      if (record === null) throw new Problem('not-found', { detail: 'There is no ended turn with this id.' });
      ctx.type = 'application/json';
      ctx.body = record;
    },
  );
  return router;
}
