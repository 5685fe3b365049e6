import type { Knex } from 'knex';

import { toId, type EndpointId } from '#domain/ids.ts';
import { isUniqueViolation } from '#platform/database.ts';

import { EVENT_DRAFTS, eventBindings, EVENTS_OF_RAISED, type Emission } from './event-sql.ts';

/** The fact is told already, so somebody else committed it: end the transaction and read the stored outcome. */
export class AlreadyEmitted extends Error {
  override name = 'AlreadyEmitted';
}

/**
 * Writes events and their deliveries: one statement, and with a session the last write before the commit, since the
 * session's row lock makes commit order and `seq` order the same. Gives the endpoints whose doorbell the caller rings
 * once its transaction is committed (`webhook_due`), never inside it.
 */
export async function emit(trx: Knex, emission: Emission): Promise<EndpointId[]> {
  if (emission.events.length === 0) return [];
  try {
    const result = await trx.raw<{ rows: { endpoint_ids: string[]; told: number }[] }>(
      emission.sessionId === null ? EMIT_ALONE : EMIT_IN_SESSION,
      eventBindings(emission),
    );
    const [told] = result.rows;
    if (told?.told !== emission.events.length) throw new Error('the session of these events does not exist');
    return told.endpoint_ids.map((id) => toId('whk', id));
  } catch (error) {
    if (!isUniqueViolation(error, 'webhook_event_dedupe_key')) throw error;
    throw new AlreadyEmitted(`already told: ${emission.events.map(({ type }) => type).join(', ')}`, { cause: error });
  }
}

const TOLD = `
  select array(select distinct delivered.endpoint_id from delivered) as endpoint_ids,
    (select count(*)::integer from emitted) as told`;

const EMIT_IN_SESSION = `
  with raised as (
    update chat_session set event_seq = chat_session.event_seq + :eventCount
    where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId
    returning chat_session.id, chat_session.event_seq - :eventCount as told_before
  ), ${EVENTS_OF_RAISED}
  ${TOLD}`;

const EMIT_ALONE = `
  with emitted as (
    insert into webhook_event (tenant_id, id, type, session_id, seq, test, body, dedupe_key, created_at)
    select :tenantId, draft.id, draft.type, null, null, :test,
      draft.head || 'null' || draft.tail, draft.dedupe_key, :at
    from ${EVENT_DRAFTS}
    order by draft.n
    returning tenant_id, no, type, session_id, seq, created_at
  ), delivered as (
    insert into webhook_delivery (tenant_id, event_no, endpoint_id, session_id, seq, trigger, next_at, created_at)
    select emitted.tenant_id, emitted.no, webhook_endpoint.id, null, null,
      case when :test then 'test' else 'auto' end, now(), now()
    from emitted
    join webhook_endpoint on webhook_endpoint.tenant_id = emitted.tenant_id and webhook_endpoint.deleted_at is null
      and case when :onlyEndpoint::uuid is null
        then webhook_endpoint.event_types is null or emitted.type = any (webhook_endpoint.event_types)
        else webhook_endpoint.id = :onlyEndpoint::uuid end
    returning endpoint_id
  )
  ${TOLD}`;
