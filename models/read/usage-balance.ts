import type { Knex } from 'knex';

import { coverCharges } from '#domain/credits/cover-charges.ts';
import type { EndedCharge, SpendableGrant } from '#domain/credits/cover-charges.ts';
import type { GrantId, GrantShare } from '#domain/credits/split-amount.ts';
import { toId, type TenantId } from '#domain/ids.ts';

export interface GrantBalance {
  grantId: GrantId;
  kind: string;
  amountMillicredits: bigint;
  heldMillicredits: bigint;
  spentMillicredits: bigint;
  expiredMillicredits: bigint;
  remainingMillicredits: bigint;
  expiresAt: Date | null;
}

export interface UsageBalance {
  availableMillicredits: bigint;
  /** Ended turns that the ledger has yet to seal; the amounts here count them already. */
  settling: { turns: number; millicredits: bigint };
  /** Null until the first turn of a new month opens it. */
  period: { no: number; startsAt: Date; endsAt: Date } | null;
  grants: readonly GrantBalance[];
}

interface GrantJson {
  id: string;
  kind: string;
  amount: string;
  held: string;
  spent: string;
  expired: string;
  effective_at: string;
  expires_at: string | null;
}

interface ChargeJson {
  kind: string;
  shares: { grant_id: string; mc: string }[];
  amount: string;
  at: string;
}

interface BalanceRow {
  no: number | null;
  starts_at: Date | null;
  ends_at: Date | null;
  grants: GrantJson[];
  charges: ChargeJson[];
}

/** One snapshot, with the inbox counted as the seal will count it: exact at every moment. Null without an account. */
export async function readBalance(knex: Knex, tenantId: TenantId, at: Date): Promise<UsageBalance | null> {
  const { rows } = await knex.raw<{ rows: BalanceRow[] }>(BALANCE, { tenantId, at });
  const [row] = rows;
  if (row === undefined) return null;
  const charges = row.charges.map(readCharge);
  const { moves } = coverCharges(charges, row.grants.map(readSpendable));
  const grants = row.grants.map((grant) => {
    const move = moves.find(({ grantId }) => grantId === toId('grt', grant.id));
    return balanceOf(grant, { unhold: move?.unholdMillicredits ?? 0n, spend: move?.spendMillicredits ?? 0n });
  });
  return {
    availableMillicredits: grants.reduce(
      (sum, grant) => sum + (isLive(grant, at) ? grant.remainingMillicredits : 0n),
      0n,
    ),
    settling: {
      turns: row.charges.filter((charge) => charge.kind !== 'lapse').length,
      millicredits: charges.reduce((sum, charge) => sum + charge.amountMillicredits, 0n),
    },
    period: periodOf(row),
    grants,
  };
}

function periodOf({ no, starts_at: startsAt, ends_at: endsAt }: BalanceRow): UsageBalance['period'] {
  return no === null || startsAt === null || endsAt === null ? null : { no, startsAt, endsAt };
}

function balanceOf(grant: GrantJson, move: { unhold: bigint; spend: bigint }): GrantBalance {
  const amountMillicredits = BigInt(grant.amount);
  const heldMillicredits = BigInt(grant.held) - move.unhold;
  const spentMillicredits = BigInt(grant.spent) + move.spend;
  const expiredMillicredits = BigInt(grant.expired);
  return {
    grantId: toId('grt', grant.id),
    kind: grant.kind,
    amountMillicredits,
    heldMillicredits,
    spentMillicredits,
    expiredMillicredits,
    remainingMillicredits: amountMillicredits - heldMillicredits - spentMillicredits - expiredMillicredits,
    expiresAt: grant.expires_at === null ? null : new Date(grant.expires_at),
  };
}

/** Grants are listed from their first moment on, so only their end decides. */
function isLive(grant: GrantBalance, at: Date): boolean {
  return grant.expiresAt === null || at < grant.expiresAt;
}

function readSpendable(grant: GrantJson): SpendableGrant {
  return {
    grantId: toId('grt', grant.id),
    freeMillicredits: BigInt(grant.amount) - BigInt(grant.held) - BigInt(grant.spent) - BigInt(grant.expired),
    effectiveAt: new Date(grant.effective_at),
    expiresAt: grant.expires_at === null ? null : new Date(grant.expires_at),
  };
}

function readCharge(charge: ChargeJson): EndedCharge {
  const heldShares = charge.shares.map((share): GrantShare => ({
    grantId: toId('grt', share.grant_id),
    millicredits: BigInt(share.mc),
  }));
  return { heldShares, amountMillicredits: BigInt(charge.amount), at: new Date(charge.at) };
}

const BALANCE = `
  select p.no, p.starts_at, p.ends_at,
    coalesce((
      select jsonb_agg(jsonb_build_object('id', g.id, 'kind', g.kind, 'amount', cast(g.amount_mc as text),
        'held', cast(g.held_mc as text), 'spent', cast(g.spent_mc as text), 'expired', cast(g.expired_mc as text),
        'effective_at', g.effective_at, 'expires_at', g.expires_at) order by g.priority, g.expires_at nulls last, g.id)
      from credit_grant g
      where g.tenant_id = s.tenant_id and (g.effective_at <= :at or g.period_no = 1)
        and (g.expires_at is null or :at < g.expires_at or g.held_mc > 0)
    ), '[]') as grants,
    coalesce((
      select jsonb_agg(jsonb_build_object('kind', i.kind, 'amount', cast(i.amount_mc as text), 'at', i.at,
        'shares', case
        when i.unhold_mc = 0 then '[]'
        when i.split is null then jsonb_build_array(
          jsonb_build_object('grant_id', i.grant_id, 'mc', cast(i.unhold_mc as text)))
        else i.split end) order by i.id)
      from ledger_inbox i where i.tenant_id = s.tenant_id
    ), '[]') as charges
  from subscription s
  left join billing_period p on p.tenant_id = s.tenant_id and :at < p.ends_at and (p.starts_at <= :at or p.no = 1)
  where s.tenant_id = :tenantId`;
