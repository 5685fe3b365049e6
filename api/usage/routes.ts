import { Router } from '@koa/router';

import { Problem } from '#contract/problems.ts';
import { LedgerQuery, UsageLinesQuery } from '#contract/usage.ts';
import { isId } from '#domain/ids.ts';
import { readCurrentBalance } from '#models/credit-ledger/read-current-balance.ts';
import { readLedger } from '#models/read/usage-ledger.ts';
import { listUsageLines } from '#models/read/usage-lines.ts';
import type { LineFilter } from '#models/read/usage-lines.ts';
import { sha256Hex } from '#platform/digest.ts';

import { decodeCursor, encodeCursor, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { QueryState, RequestState, SignedInState } from '../state.ts';
import { presentBalance, presentTransaction, presentUsageLine } from './presenter.ts';

/** What a tenant has left and what it was charged, line by line. */
export function usageRoutes({ knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState>('/api/usage/balance', authenticate(), requirePermission('usage.read'), async (ctx) => {
    ctx.body = presentBalance(await readCurrentBalance(knex, ctx.state.actor.tenantId, clock.now()));
  });

  router.get<SignedInState & QueryState<UsageLinesQuery>>(
    '/api/usage/lines',
    authenticate(),
    requirePermission('usage.read'),
    validateQuery(UsageLinesQuery),
    async (ctx) => {
      const { limit } = ctx.state.query;
      const lines = await listUsageLines(knex, ctx.state.actor.tenantId, filterOf(ctx.state.query));
      const { page, nextCursor } = pageOf(lines, limit, ({ docId, pos }) => [docId, String(pos)]);
      ctx.body = { data: page.map(presentUsageLine), next_cursor: nextCursor };
    },
  );

  router.get<SignedInState & QueryState<LedgerQuery>>(
    '/api/usage/ledger',
    authenticate(),
    requirePermission('usage.read'),
    validateQuery(LedgerQuery),
    async (ctx) => {
      const { limit, cursor, after_seq: given } = ctx.state.query;
      const afterSeq = cursor === undefined ? given : numberOf(decodeCursor(cursor, 1)[0]);
      const ledger = await readLedger(knex, ctx.state.actor.tenantId, { afterSeq, limit });
      if (ledger === null) throw new Problem('not-found', { detail: 'This tenant has no ledger.' });
      const last = ledger.rows.at(-1);
      const isMore = last !== undefined && last.seq < ledger.head.seq;
      ctx.body = {
        data: ledger.rows.map(presentTransaction),
        next_cursor: isMore ? encodeCursor([String(last.seq)]) : null,
        head: ledger.head,
        unsealed: ledger.unsealed,
      };
    },
  );
  return router;
}

function filterOf(query: UsageLinesQuery): LineFilter {
  const { session_id: sessionId, turn_id: turnId, cursor, limit } = query;
  const session =
    sessionId === undefined
      ? null
      : { id: isId('ses', sessionId) ? sessionId : null, clientIdHash: sha256Hex(sessionId) };
  // One more than asked for tells whether a next page exists.
  return { session, turnId: turnId ?? null, after: cursor === undefined ? null : positionOf(cursor), limit: limit + 1 };
}

function positionOf(cursor: string): { docId: string; pos: number } {
  const [docId = '', pos] = decodeCursor(cursor, 2);
  return { docId, pos: numberOf(pos) };
}

function numberOf(text: string | undefined): number {
  const number = Number(text);
  if (Number.isSafeInteger(number) && number >= 0) return number;
  throw new Problem('invalid-query', { detail: 'The cursor does not come from this list.' });
}
