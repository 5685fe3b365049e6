import type { Knex } from 'knex';

import { overruns } from '#domain/credits/cover-charges.ts';
import type { LedgerHead } from '#domain/credits/ledger-document.ts';
import type { EndpointId, TenantId } from '#domain/ids.ts';
import { sha256Hex } from '#platform/digest.ts';

import { emit } from '../outbox/emit.ts';
import { appendLedger } from './append-ledger.ts';
import { HEAD_COLUMNS, readHead } from './ledger-head.ts';
import type { HeadRow } from './ledger-head.ts';
import { sealTenant } from './seal-tenant.ts';
import type { SealedTenant } from './seal-tenant.ts';
import { lockSpendableGrants, takeEndedTurns } from './take-ended-turns.ts';
import type { EndedTurn } from './take-ended-turns.ts';

export interface SealRequest {
  tenantIds: readonly TenantId[];
  at: Date;
  rowMax?: number;
  /** Wait for heads that others hold, up to a second, instead of skipping their tenants. */
  wait?: boolean;
}

export interface SealReport {
  sealedCount: number;
  /** Tenants whose head another transaction held: ask again. */
  skipped: readonly TenantId[];
  /** The pass was full: more rows wait. */
  isFull: boolean;
  /** Webhook endpoints to ring once this is committed. */
  endpointIds: readonly EndpointId[];
  /** Charges that no grant covered: the operator pays them. */
  writeoffMillicredits: bigint;
}

const SEAL_ROW_MAX = 1024;
const HEAD_WAIT = '1s';

/** Moves ended turns into the chained ledger: one transaction for all given tenants. */
export async function sealPass(knex: Knex, request: SealRequest): Promise<SealReport> {
  return knex.transaction(async (trx) => {
    const heads = await lockHeads(trx, request);
    const tenantIds = heads.map((head) => head.tenantId);
    const skipped = request.tenantIds.filter((tenantId) => !tenantIds.includes(tenantId));
    const rowMax = request.rowMax ?? SEAL_ROW_MAX;
    const turns = heads.length === 0 ? [] : await takeEndedTurns(trx, { tenantIds, rowMax });
    const sealed = await sealTenants(trx, { heads, turns, at: request.at });
    const endpointIds: EndpointId[] = [];
    for (const { head, events } of sealed) {
      const rung = await emit(trx, { tenantId: head.tenantId, sessionId: null, at: head.sealedAt, events });
      endpointIds.push(...rung);
    }
    if (sealed.length > 0) await appendLedger(trx, appendOf(sealed));
    return {
      sealedCount: turns.length,
      skipped,
      isFull: turns.length === rowMax,
      endpointIds,
      writeoffMillicredits: sealed.reduce((sum, tenant) => sum + tenant.writeoffMillicredits, 0n),
    };
  });
}

async function lockHeads(trx: Knex.Transaction, request: SealRequest): Promise<LedgerHead[]> {
  if (request.wait === true) await trx.raw(`set local lock_timeout = '${HEAD_WAIT}'`);
  const { rows } = await trx.raw<{ rows: HeadRow[] }>(
    `select ${HEAD_COLUMNS} from ledger_head h where h.tenant_id = any (cast(:tenants as uuid[]))
     order by h.tenant_id for no key update ${request.wait === true ? '' : 'skip locked'}`,
    { tenants: request.tenantIds },
  );
  return rows.map(readHead);
}

async function sealTenants(
  trx: Knex.Transaction,
  { heads, turns, at }: { heads: readonly LedgerHead[]; turns: readonly EndedTurn[]; at: Date },
): Promise<SealedTenant[]> {
  const overrunning = [...new Set(turns.filter(overruns).map((turn) => turn.tenantId))];
  const grants = await lockSpendableGrants(trx, overrunning.toSorted());
  const byTenant = Map.groupBy(turns, (turn) => turn.tenantId);
  return heads.flatMap((head) => {
    const own = byTenant.get(head.tenantId);
    if (own === undefined) return [];
    return [sealTenant(sha256Hex, { head, turns: own, grants: grants.get(head.tenantId) ?? [], at })];
  });
}

function appendOf(sealed: readonly SealedTenant[]) {
  return {
    heads: sealed.map((tenant) => tenant.head),
    transactions: sealed.flatMap((tenant) => tenant.transactions),
    moves: sealed.flatMap((tenant) => tenant.moves.map((move) => ({ ...move, tenantId: tenant.head.tenantId }))),
  };
}

/** Tenants with rows in the inbox: what a dead process left, found by the sweeper. */
export async function findUnsealed(knex: Knex, { limit }: { limit: number }): Promise<TenantId[]> {
  const { rows } = await knex.raw<{ rows: { tenant_id: TenantId }[] }>(
    `select i.tenant_id from ledger_inbox i group by i.tenant_id order by min(i.id) limit ?`,
    [limit],
  );
  return rows.map((row) => row.tenant_id);
}
