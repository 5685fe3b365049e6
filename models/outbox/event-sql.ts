import type { EventDraft } from '#contract/events.ts';
import { toUuid, type EndpointId, type SessionId, type TenantId } from '#domain/ids.ts';
import { newId } from '#platform/new-id.ts';

import { DELIVERIES_OF_EMITTED } from './delivery-sql.ts';
import { splitBody } from './event-body.ts';

export interface Emission {
  tenantId: TenantId;
  /** Null for facts that belong to no conversation: they have no `seq` and keep no order. */
  sessionId: SessionId | null;
  at: Date;
  events: readonly EventDraft[];
  /** Example data on request: no number, not in the feed, only to `onlyEndpoint`. */
  test?: boolean;
  onlyEndpoint?: EndpointId;
}

export const EVENT_DRAFTS = `
  unnest(:eventIds::uuid[], :eventTypes::text[], :eventHeads::text[], :eventTails::text[], :dedupeKeys::text[])
    with ordinality as draft (id, type, head, tail, dedupe_key, n)`;

/**
 * Events and their deliveries behind a CTE `raised`, which has raised the session's `event_seq` by `:eventCount` under
 * its lock and gives `id` and `told_before`. The other bindings are those of `eventBindings`.
 */
export const EVENTS_OF_RAISED = `emitted as (
    insert into webhook_event (tenant_id, id, type, session_id, seq, test, body, dedupe_key, created_at)
    select :tenantId, draft.id, draft.type, raised.id, raised.told_before + draft.n, :test,
      draft.head || (raised.told_before + draft.n)::text || draft.tail, draft.dedupe_key, :at
    from raised cross join ${EVENT_DRAFTS}
    order by draft.n
    returning tenant_id, no, type, session_id, seq, created_at
  ), delivered as (${DELIVERIES_OF_EMITTED})`;

export function eventBindings({ tenantId, sessionId, at, events, test = false, onlyEndpoint }: Emission) {
  const rows = events.map(({ type, data, dedupeKey }) => {
    const id = newId('evt');
    return { id, type, dedupeKey, ...splitBody({ id, type, createdAt: at, tenantId, sessionId, test, data }) };
  });
  return {
    tenantId,
    at,
    test,
    ...(sessionId === null ? {} : { sessionId: toUuid(sessionId) }),
    ...(sessionId === null ? { onlyEndpoint: onlyEndpoint === undefined ? null : toUuid(onlyEndpoint) } : {}),
    eventCount: rows.length,
    eventIds: rows.map(({ id }) => toUuid(id)),
    eventTypes: rows.map(({ type }) => type),
    eventHeads: rows.map(({ head }) => head),
    eventTails: rows.map(({ tail }) => tail),
    dedupeKeys: rows.map(({ dedupeKey }) => dedupeKey),
  };
}
