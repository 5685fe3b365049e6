import type { Knex } from 'knex';

import { splitAmount } from '#domain/credits/split-amount.ts';
import type { GrantFree, GrantShare } from '#domain/credits/split-amount.ts';
import { toId, toUuid } from '#domain/ids.ts';
import type { Held, HoldRequest, Refused } from '#domain/usage.ts';

import { findReplay } from './find-hold.ts';
import { lockHead } from './ledger-head.ts';

interface PlacedRow {
  pricebook_version: number;
  starts_at: Date;
  ends_at: Date;
}

/**
 * The slow path, where exhaustion is decided: hold, head, then every live grant in spending order. Null when the
 * period is missing, so that nothing was placed.
 */
export async function reserveAcrossGrants(trx: Knex.Transaction, hold: HoldRequest): Promise<Held | Refused | null> {
  const placed = await placeEmptyHold(trx, hold);
  if (placed === null) return findReplay(trx, hold);
  await lockHead(trx, hold.tenantId);
  // A clock a little behind the one that opened the account still finds its first credits.
  const at = hold.at > placed.starts_at ? hold.at : placed.starts_at;
  const grants = await lockLiveGrants(trx, hold, at);
  const available = grants.reduce((sum, grant) => sum + grant.freeMillicredits, 0n);
  if (available < hold.minMillicredits) return refuse(trx, hold, { available, resetsAt: placed.ends_at });
  const reserved = available < hold.wantMillicredits ? available : hold.wantMillicredits;
  await fillHold(trx, hold, splitAmount(reserved, grants).shares);
  return {
    state: 'held',
    reservedMillicredits: reserved,
    pricebookVersion: placed.pricebook_version,
    replay: false,
  };
}

/** Takes the turn's key before any grant is locked. Null: it is taken, or there is no period for this moment. */
async function placeEmptyHold(trx: Knex.Transaction, hold: HoldRequest): Promise<PlacedRow | null> {
  const { rows } = await trx.raw<{ rows: PlacedRow[] }>(
    `with per as (
       select p.no, p.pricebook_version, p.starts_at, p.ends_at from billing_period p
       where p.tenant_id = :tenant and :at < p.ends_at and (p.starts_at <= :at or p.no = 1)
     ), placed as (
       insert into credit_hold (tenant_id, turn_id, reserved_mc, pricebook_version, state, period_no, request_hash,
         expires_at)
       select :tenant, :turn, 0, per.pricebook_version, 'held', per.no, :hash, :expires from per
       on conflict (tenant_id, turn_id) do nothing
       returning turn_id
     )
     select per.pricebook_version, per.starts_at, per.ends_at from per, placed`,
    {
      tenant: hold.tenantId,
      turn: toUuid(hold.turnId),
      at: hold.at,
      hash: hold.requestHash,
      expires: new Date(hold.at.getTime() + hold.ttlMs),
    },
  );
  return rows[0] ?? null;
}

async function lockLiveGrants(trx: Knex.Transaction, hold: HoldRequest, at: Date): Promise<GrantFree[]> {
  const { rows } = await trx.raw<{ rows: { id: string; free_mc: string }[] }>(
    `select g.id, g.amount_mc - g.held_mc - g.spent_mc - g.expired_mc as free_mc
     from credit_grant g
     where g.tenant_id = :tenant and g.effective_at <= :at and (g.expires_at is null or :at < g.expires_at)
       and g.amount_mc > g.spent_mc + g.expired_mc
     order by g.priority, g.expires_at nulls last, g.id
     for no key update`,
    { tenant: hold.tenantId, at },
  );
  return rows.map((row) => ({ grantId: toId('grt', row.id), freeMillicredits: BigInt(row.free_mc) }));
}

async function refuse(
  trx: Knex.Transaction,
  hold: HoldRequest,
  { available, resetsAt }: { available: bigint; resetsAt: Date },
): Promise<Refused> {
  await trx.raw(`delete from credit_hold where tenant_id = ? and turn_id = ?`, [hold.tenantId, toUuid(hold.turnId)]);
  return { state: 'refused', availableMillicredits: available, resetsAt };
}

async function fillHold(trx: Knex.Transaction, hold: HoldRequest, shares: readonly GrantShare[]): Promise<void> {
  const split = shares.map((share) => ({ grant_id: toUuid(share.grantId), mc: Number(share.millicredits) }));
  await trx.raw(
    `with share as (
       select s.grant_id, s.mc from jsonb_to_recordset(cast(:split as jsonb)) as s (grant_id uuid, mc bigint)
     ), filled as (
       update credit_hold h set grant_id = cast(:grant as uuid),
         split = case when :several then cast(:split as jsonb) end,
         reserved_mc = (select coalesce(sum(share.mc), 0) from share)
       where h.tenant_id = :tenant and h.turn_id = :turn
     )
     update credit_grant g set held_mc = g.held_mc + share.mc
     from share where g.tenant_id = :tenant and g.id = share.grant_id`,
    {
      tenant: hold.tenantId,
      turn: toUuid(hold.turnId),
      split: JSON.stringify(split),
      several: split.length > 1,
      grant: split[0]?.grant_id ?? null,
    },
  );
}
