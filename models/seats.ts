import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import { planOf } from '#domain/pricebook/rates-of.ts';

import { findPricebook } from './pricebook.ts';

export interface Seats {
  /** Those who joined, and those who are invited and still may. */
  used: number;
  members: number;
  /** Null where the plan does not count. */
  limit: number | null;
}

/** Without `exceptEmail`, whose invite is about to be replaced. Exact only under the tenant's lock. */
export async function countSeats(
  knex: Knex,
  tenantId: TenantId,
  { at, exceptEmail = '' }: { at: Date; exceptEmail?: string },
): Promise<Seats> {
  const { rows } = await knex.raw<{ rows: { members: number; invited: number }[] }>(
    `select
       (select count(*)::integer from app_user
        where app_user.tenant_id = :tenantId and app_user.disabled_at is null) as members,
       (select count(*)::integer from invite
        where invite.tenant_id = :tenantId and invite.accepted_at is null and invite.revoked_at is null
          and invite.expires_at > :at and invite.email <> :exceptEmail) as invited`,
    { tenantId, at, exceptEmail },
  );
  const { members = 0, invited = 0 } = rows[0] ?? {};
  return { used: members + invited, members, limit: await seatLimit(knex, tenantId) };
}

/** Seats of the plan as the tenant bought it. */
async function seatLimit(knex: Knex, tenantId: TenantId): Promise<number | null> {
  const { rows } = await knex.raw<{ rows: { plan_key: string; plan_version: number }[] }>(
    `select subscription.plan_key, subscription.plan_version from subscription where subscription.tenant_id = ?`,
    [tenantId],
  );
  const [bought] = rows;
  if (bought === undefined) return null;
  const book = await findPricebook(knex, bought.plan_version);
  return book === null ? null : (planOf(book.document, bought.plan_key)?.seats ?? null);
}
