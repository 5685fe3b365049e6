import type { Knex } from 'knex';

import type { SpendableGrant } from '#domain/credits/cover-charges.ts';
import type { GrantShare } from '#domain/credits/split-amount.ts';
import { toId, type TenantId, type TurnId } from '#domain/ids.ts';

/** A row of the inbox: a turn that ended, or a hold that lapsed. */
export interface EndedTurn {
  tenantId: TenantId;
  turnId: TurnId;
  kind: 'settle' | 'release' | 'lapse';
  heldShares: readonly GrantShare[];
  amountMillicredits: bigint;
  lineCount: number;
  lineRoot: string | null;
  periodNo: number;
  pricebookVersion: number;
  reason: string | null;
  receiptHash: string | null;
  at: Date;
}

interface InboxRow {
  tenant_id: TenantId;
  turn_id: string;
  kind: EndedTurn['kind'];
  grant_id: string | null;
  split: { grant_id: string; mc: number }[] | null;
  unhold_mc: string;
  amount_mc: string;
  n_lines: number;
  line_root: string | null;
  period_no: number;
  pricebook_version: number;
  reason: string | null;
  at: Date;
  record_hash: string | null;
}

/**
 * Takes the oldest rows of tenants whose heads are locked. A statement of its own: its snapshot must start under the
 * locks. The inbox is a set and not a mark of the last id, since ids commit out of order.
 */
export async function takeEndedTurns(
  trx: Knex.Transaction,
  { tenantIds, rowMax }: { tenantIds: readonly TenantId[]; rowMax: number },
): Promise<EndedTurn[]> {
  const { rows } = await trx.raw<{ rows: InboxRow[] }>(TAKE, { tenants: tenantIds, rowMax });
  return rows.map(readEnded);
}

/** The grants that pay for overruns, locked in spending order under their heads' locks. */
export async function lockSpendableGrants(
  trx: Knex.Transaction,
  tenantIds: readonly TenantId[],
): Promise<Map<TenantId, SpendableGrant[]>> {
  const grants = new Map<TenantId, SpendableGrant[]>(tenantIds.map((tenantId) => [tenantId, []]));
  if (tenantIds.length === 0) return grants;
  const { rows } = await trx.raw<{ rows: GrantRow[] }>(LOCK_GRANTS, { tenants: tenantIds });
  for (const row of rows) {
    grants.get(row.tenant_id)?.push({
      grantId: toId('grt', row.id),
      freeMillicredits: BigInt(row.free_mc),
      effectiveAt: row.effective_at,
      expiresAt: row.expires_at,
    });
  }
  return grants;
}

interface GrantRow {
  tenant_id: TenantId;
  id: string;
  free_mc: string;
  effective_at: Date;
  expires_at: Date | null;
}

function readEnded(row: InboxRow): EndedTurn {
  return {
    tenantId: row.tenant_id,
    turnId: toId('trn', row.turn_id),
    kind: row.kind,
    heldShares: heldSharesOf(row),
    amountMillicredits: BigInt(row.amount_mc),
    lineCount: row.n_lines,
    lineRoot: row.line_root,
    periodNo: row.period_no,
    pricebookVersion: row.pricebook_version,
    reason: row.reason,
    receiptHash: row.record_hash,
    at: row.at,
  };
}

function heldSharesOf(row: InboxRow): GrantShare[] {
  const held = BigInt(row.unhold_mc);
  // After a lapse nothing is held any more, and a turn that never held has no grant.
  if (held === 0n) return [];
  if (row.split !== null) {
    return row.split.map((share) => ({ grantId: toId('grt', share.grant_id), millicredits: BigInt(share.mc) }));
  }
  if (row.grant_id === null) throw new Error(`the hold of ${row.turn_id} names no grant`);
  return [{ grantId: toId('grt', row.grant_id), millicredits: held }];
}

const TAKE = `
  with next as (
    select i.tenant_id, i.turn_id, i.kind from ledger_inbox i
    where i.tenant_id = any (cast(:tenants as uuid[])) order by i.id limit :rowMax
  ), taken as (
    delete from ledger_inbox i using next
    where i.tenant_id = next.tenant_id and i.turn_id = next.turn_id and i.kind = next.kind
    returning i.id, i.tenant_id, i.turn_id, i.kind, i.grant_id, i.split, i.unhold_mc, i.amount_mc, i.n_lines,
      i.line_root, i.period_no, i.pricebook_version, i.reason, i.at
  )
  select t.tenant_id, t.turn_id, t.kind, t.grant_id, t.split, t.unhold_mc, t.amount_mc, t.n_lines, t.line_root,
    t.period_no, t.pricebook_version, t.reason, t.at, r.record_hash
  from taken t left join turn_receipt r on r.tenant_id = t.tenant_id and r.turn_id = t.turn_id and t.kind <> 'lapse'
  order by t.id`;

const LOCK_GRANTS = `
  select g.tenant_id, g.id, g.amount_mc - g.held_mc - g.spent_mc - g.expired_mc as free_mc, g.effective_at, g.expires_at
  from credit_grant g
  where g.tenant_id = any (cast(:tenants as uuid[])) and g.amount_mc > g.spent_mc + g.expired_mc
  order by g.tenant_id, g.priority, g.expires_at nulls last, g.id
  for no key update`;
