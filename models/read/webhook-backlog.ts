import type { Knex } from 'knex';

export interface WebhookBacklog {
  dueEndpoints: number;
  oldestDueAt: Date | null;
}

/**
 * Enabled endpoints of all tenants with a delivery whose time has come: one index probe each, since a health check
 * must stay cheap. Endpoints that wait for a broken receiver are not our backlog.
 */
export async function webhookBacklog(knex: Knex, at: Date): Promise<WebhookBacklog> {
  const { rows } = await knex.raw<{ rows: { due_endpoints: number; oldest_due_at: Date | null }[] }>(
    `select count(*)::int as due_endpoints, min(due.next_at) as oldest_due_at
     from webhook_endpoint e
     left join webhook_lane l on l.tenant_id = e.tenant_id and l.endpoint_id = e.id
     cross join lateral (
       select d.next_at from webhook_delivery d
       where d.tenant_id = e.tenant_id and d.endpoint_id = e.id and d.state = 'pending' and d.next_at <= ?
       order by d.next_at limit 1) due
     where e.status = 'enabled' and e.deleted_at is null and (l.parked_until is null or l.parked_until <= ?)`,
    [at, at],
  );
  return { dueEndpoints: rows[0]?.due_endpoints ?? 0, oldestDueAt: rows[0]?.oldest_due_at ?? null };
}
