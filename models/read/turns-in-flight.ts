import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

export interface TurnsInFlightRow {
  /** Accepted before that moment, and without an outcome. */
  count: number;
  /** As the operator's policy of now has it; null without a policy. */
  limit: number | null;
}

/** How many turns of a tenant are under way, and how many may be. The index of unfinished turns makes it cheap. */
export async function readTurnsInFlight(knex: Knex, tenantId: TenantId, before: Date): Promise<TurnsInFlightRow> {
  const { rows } = await knex.raw<{ rows: TurnsInFlightRow[] }>(
    `select
       (select count(*)::integer from turn where turn.tenant_id = :tenantId and turn.state <> 'closed'
         and turn.accepted_at < :before) as count,
       (select (policy_set.document ->> 'turnsInFlightPerTenant')::integer from policy_set
        where policy_set.layer = 'operator' order by policy_set.version desc limit 1) as limit`,
    { tenantId, before },
  );
  return rows[0] ?? { count: 0, limit: null };
}
