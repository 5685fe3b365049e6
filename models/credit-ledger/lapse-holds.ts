import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

/**
 * Gives back what turns of dead processes still hold. The hold stays open, so a late settle works and is charged from
 * what is free by then. Returns the tenants to seal.
 */
export async function lapseHolds(knex: Knex, { at, limit }: { at: Date; limit: number }): Promise<TenantId[]> {
  const { rows } = await knex.raw<{ rows: { tenant_id: TenantId }[] }>(LAPSE, { at, limit });
  return [...new Set(rows.map((row) => row.tenant_id))];
}

const LAPSE = `
  with due as (
    select h.tenant_id, h.turn_id from credit_hold h
    where h.state = 'held' and h.lapsed_at is null and h.expires_at <= :at
    order by h.expires_at limit :limit
    for no key update skip locked
  ), lapsed as (
    update credit_hold h set lapsed_at = :at from due
    where h.tenant_id = due.tenant_id and h.turn_id = due.turn_id and h.state = 'held' and h.lapsed_at is null
    returning h.tenant_id, h.turn_id, h.grant_id, h.split, h.reserved_mc, h.period_no, h.pricebook_version
  )
  insert into ledger_inbox (tenant_id, turn_id, kind, grant_id, split, unhold_mc, amount_mc, n_lines, period_no,
    pricebook_version, reason, at)
  select l.tenant_id, l.turn_id, 'lapse', l.grant_id, l.split, l.reserved_mc, 0, 0, l.period_no, l.pricebook_version,
    'expired', :at
  from lapsed l
  returning tenant_id`;
