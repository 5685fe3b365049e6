import type { Knex } from 'knex';

import { toUuid } from '#domain/ids.ts';
import type { Held, HoldRequest, Refused } from '#domain/usage.ts';
import { retryOnConflict, sqlStateOf } from '#platform/database.ts';

import { findReplay } from './find-hold.ts';
import { openPeriods } from './open-periods.ts';
import { reserveAcrossGrants } from './reserve-across-grants.ts';

const GRANT_CANNOT_COVER = 'BC001';

/** One autocommit statement where one grant covers the hold; everything rarer is decided under the head's lock. */
export async function reserveCredits(knex: Knex, hold: HoldRequest): Promise<Held | Refused> {
  const decided = await tryReserve(knex, hold);
  if (decided !== null) return decided;
  // The first turn after a boundary opens the period itself; `openPeriods` makes it once, whoever comes first.
  await retryOnConflict(() => knex.transaction((trx) => openPeriods(trx, hold.tenantId, hold.at)));
  const second = await tryReserve(knex, hold);
  if (second === null) throw new Error(`tenant ${hold.tenantId} has no billing period for this moment`);
  return second;
}

/** Null when there is no period to hold in. */
async function tryReserve(knex: Knex, hold: HoldRequest): Promise<Held | Refused | null> {
  const { pricebookVersion, wantMillicredits } = hold;
  const placed = await retryOnConflict(() => reserveFromOneGrant(knex, hold));
  if (placed === 'held' && pricebookVersion !== null) {
    return { state: 'held', reservedMillicredits: wantMillicredits, pricebookVersion, replay: false };
  }
  const replay = await findReplay(knex, hold);
  return replay ?? retryOnConflict(() => knex.transaction((trx) => reserveAcrossGrants(trx, hold)));
}

async function reserveFromOneGrant(knex: Knex, hold: HoldRequest): Promise<'held' | 'unplaced' | 'uncovered'> {
  try {
    const { rows } = await knex.raw<{ rows: { outcome: 'held' | 'unplaced' }[] }>(RESERVE, {
      tenant: hold.tenantId,
      turn: toUuid(hold.turnId),
      hash: hold.requestHash,
      book: hold.pricebookVersion,
      want: String(hold.wantMillicredits),
      at: hold.at,
      expires: new Date(hold.at.getTime() + hold.ttlMs),
    });
    return rows[0]?.outcome === 'held' ? 'held' : 'unplaced';
  } catch (error) {
    if (sqlStateOf(error) === GRANT_CANNOT_COVER) return 'uncovered';
    throw error;
  }
}

/**
 * `pick` is a hint read from the snapshot; what decides is `moved`, whose conditions PostgreSQL checks again on the
 * grant's newest row. The hold is written before the grant, as everywhere.
 */
const RESERVE = `
  with per as (
    select p.no from billing_period p
    where p.tenant_id = :tenant and p.starts_at <= :at and :at < p.ends_at and p.pricebook_version = :book
  ), pick as (
    select g.id from credit_grant g
    where g.tenant_id = :tenant and g.effective_at <= :at and (g.expires_at is null or :at < g.expires_at)
      and g.amount_mc - g.held_mc - g.spent_mc - g.expired_mc > 0
    order by g.priority, g.expires_at nulls last, g.id limit 1
  ), placed as (
    insert into credit_hold (tenant_id, turn_id, grant_id, reserved_mc, pricebook_version, state, period_no,
      request_hash, expires_at)
    select :tenant, :turn, pick.id, :want, :book, 'held', per.no, :hash, :expires from pick, per
    on conflict (tenant_id, turn_id) do nothing
    returning grant_id
  ), moved as (
    update credit_grant g set held_mc = g.held_mc + :want
    from placed
    where g.tenant_id = :tenant and g.id = placed.grant_id
      and g.effective_at <= :at and (g.expires_at is null or :at < g.expires_at)
      and g.amount_mc - g.held_mc - g.spent_mc - g.expired_mc >= :want
    returning g.id
  )
  select case when not exists (select from placed) then 'unplaced'
              when exists (select from moved) then 'held'
              else credit_refuse() end as outcome`;
