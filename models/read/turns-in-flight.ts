import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

/** How many turns of a tenant, accepted before that moment, are under way: the index of unfinished ones is short. */
export async function readTurnsInFlight(knex: Knex, tenantId: TenantId, before: Date): Promise<number> {
  const { rows } = await knex.raw<{ rows: { count: number }[] }>(
    `select count(*)::integer as count from turn
     where turn.tenant_id = :tenantId and turn.state <> 'closed' and turn.accepted_at < :before`,
    { tenantId, before },
  );
  return rows[0]?.count ?? 0;
}
