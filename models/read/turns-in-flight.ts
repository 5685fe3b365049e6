import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';

export interface TurnsInFlightRow {
  /** Accepted, and without an outcome. */
  count: number;
  /** Of these, whom no worker has begun with for longer than a visitor notices, though nothing stands before them. */
  waiting: number;
  /** As the operator's policy of now has it; null without a policy. */
  limit: number | null;
}

const WAITS_AFTER = '250 milliseconds';

/** How many turns of a tenant are under way, and how many may be. The index of unfinished turns makes it cheap. */
export async function readTurnsInFlight(knex: Knex, tenantId: TenantId, at: Date): Promise<TurnsInFlightRow> {
  const { rows } = await knex.raw<{ rows: TurnsInFlightRow[] }>(
    `with unfinished as (
       select turn.session_id, turn.state, turn.accepted_at from turn
       where turn.tenant_id = :tenantId and turn.state <> 'closed'
     )
     select
       (select count(*)::integer from unfinished) as count,
       (select count(*)::integer from unfinished where unfinished.state = 'accepted'
         and unfinished.accepted_at < :at::timestamptz - interval '${WAITS_AFTER}'
         and not exists (select from unfinished as before where before.session_id = unfinished.session_id
           and before.state = 'open')) as waiting,
       (select (policy_set.document ->> 'turnsInFlightPerTenant')::integer from policy_set
        where policy_set.layer = 'operator' order by policy_set.version desc limit 1) as limit`,
    { tenantId, at },
  );
  return rows[0] ?? { count: 0, waiting: 0, limit: null };
}
