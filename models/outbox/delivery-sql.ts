/**
 * The body of a CTE that gives each row of the CTE `emitted` (tenant_id, no, type, session_id, seq, created_at) one
 * delivery per endpoint that wants its type, and returns `endpoint_id` once per delivery. No parameters, so that a
 * statement which writes the session row itself (accept-message) can take it in as it is:
 *
 *     with … emitted as (insert into webhook_event … returning tenant_id, no, type, session_id, seq, created_at),
 *          delivered as (${DELIVERIES_OF_EMITTED})
 *     select …, array(select distinct endpoint_id from delivered) as endpoint_ids
 *
 * Due by the database's clock: the claim compares with the same one.
 */
export const DELIVERIES_OF_EMITTED = `
  insert into webhook_delivery (tenant_id, event_no, endpoint_id, session_id, seq, trigger, next_at, created_at)
  select emitted.tenant_id, emitted.no, webhook_endpoint.id, emitted.session_id, emitted.seq, 'auto', now(), now()
  from emitted
  join webhook_endpoint on webhook_endpoint.tenant_id = emitted.tenant_id and webhook_endpoint.deleted_at is null
    and (webhook_endpoint.event_types is null or emitted.type = any (webhook_endpoint.event_types))
  returning endpoint_id`;
