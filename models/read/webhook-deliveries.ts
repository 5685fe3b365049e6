import type { Knex } from 'knex';

import { toId, toUuid, type EndpointId, type EventId, type SessionId, type TenantId } from '#domain/ids.ts';

export type DeliveryState = 'pending' | 'leased' | 'delivered' | 'exhausted' | 'cancelled';

export interface DeliveryRow {
  id: string;
  endpointId: EndpointId;
  eventId: EventId;
  eventType: string;
  sessionId: SessionId | null;
  seq: number | null;
  state: DeliveryState;
  reason: string | null;
  attempts: number;
  lastStatus: number | null;
  lastError: string | null;
  nextAt: Date | null;
  createdAt: Date;
  finishedAt: Date | null;
}

export interface AttemptRow {
  n: number;
  counted: boolean;
  startedAt: Date;
  durationMs: number;
  httpStatus: number | null;
  errorCode: string | null;
  bodySha256: string;
  requestHeaders: Record<string, string>;
  responseHeaders: Record<string, string> | null;
  responseBody: string | null;
  truncated: boolean;
  trigger: string;
}

export interface DeliveryFilter {
  endpointId: EndpointId | null;
  state: DeliveryState | null;
  /** Newest first; the id to go on below. */
  before: string | null;
  limit: number;
}

/** The delivery log, newest first. */
export async function listDeliveries(knex: Knex, tenantId: TenantId, filter: DeliveryFilter): Promise<DeliveryRow[]> {
  const { rows } = await knex.raw<{ rows: (Omit<DeliveryRow, 'endpointId'> & RawIds)[] }>(LOG, {
    tenantId,
    ...filter,
    endpointId: filter.endpointId === null ? null : toUuid(filter.endpointId),
  });
  return rows.map((row) => ({
    ...row,
    endpointId: toId('whk', row.endpointId),
    eventId: toId('evt', row.eventId),
    sessionId: row.sessionId === null ? null : toId('ses', row.sessionId),
  }));
}

/** Every request made for a delivery, first to last; null where the tenant has no such delivery. */
export async function listAttempts(knex: Knex, tenantId: TenantId, deliveryId: string): Promise<AttemptRow[] | null> {
  const { rows } = await knex.raw<{ rows: (AttemptRow | { n: null })[] }>(ATTEMPTS, { tenantId, deliveryId });
  if (rows.length === 0) return null;
  return rows.filter((row) => row.n !== null);
}

interface RawIds {
  endpointId: string;
  eventId: string;
  sessionId: string | null;
}

const LOG = `
  select webhook_delivery.id, webhook_delivery.endpoint_id as "endpointId", webhook_event.id as "eventId",
    webhook_event.type as "eventType", webhook_delivery.session_id as "sessionId", webhook_delivery.seq,
    webhook_delivery.state, webhook_delivery.reason, webhook_delivery.attempts,
    webhook_delivery.last_status as "lastStatus", webhook_delivery.last_error as "lastError",
    case when webhook_delivery.state = 'pending' then webhook_delivery.next_at end as "nextAt",
    webhook_delivery.created_at as "createdAt", webhook_delivery.finished_at as "finishedAt"
  from webhook_delivery
  join webhook_event on webhook_event.tenant_id = webhook_delivery.tenant_id
    and webhook_event.no = webhook_delivery.event_no
  where webhook_delivery.tenant_id = :tenantId
    and (:endpointId::uuid is null or webhook_delivery.endpoint_id = :endpointId::uuid)
    and (:state::text is null or webhook_delivery.state = :state::text)
    and (:before::bigint is null or webhook_delivery.id < :before::bigint)
  order by webhook_delivery.id desc limit :limit`;

const ATTEMPTS = `
  select webhook_attempt.n, webhook_attempt.counted, webhook_attempt.started_at as "startedAt",
    webhook_attempt.duration_ms as "durationMs", webhook_attempt.http_status as "httpStatus",
    webhook_attempt.error_code as "errorCode", webhook_attempt.body_sha256 as "bodySha256",
    webhook_attempt.request_headers as "requestHeaders", webhook_attempt.response_headers as "responseHeaders",
    webhook_attempt.response_body as "responseBody", webhook_attempt.truncated, webhook_attempt.trigger
  from webhook_delivery
  left join webhook_attempt on webhook_attempt.tenant_id = webhook_delivery.tenant_id
    and webhook_attempt.delivery_id = webhook_delivery.id
  where webhook_delivery.tenant_id = :tenantId and webhook_delivery.id = :deliveryId
  order by webhook_attempt.n, webhook_attempt.id limit 300`;
