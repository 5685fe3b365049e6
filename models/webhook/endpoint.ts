import type { Knex } from 'knex';

import type { EventType } from '#contract/events.ts';
import { toId, toUuid, type EndpointId, type TenantId } from '#domain/ids.ts';

export interface Endpoint {
  id: EndpointId;
  url: string;
  description: string;
  status: 'enabled' | 'paused' | 'disabled';
  statusReason: string | null;
  /** Null = every type, those of later releases included. */
  eventTypes: EventType[] | null;
  createdAt: Date;
}

/** Absent leaves as it is; a null of `eventTypes` means every type. */
export interface EndpointChange {
  url?: string | undefined;
  description?: string | undefined;
  eventTypes?: readonly EventType[] | null | undefined;
}

interface EndpointRow {
  id: string;
  url: string;
  description: string;
  status: Endpoint['status'];
  status_reason: string | null;
  event_types: EventType[] | null;
  created_at: Date;
}

const COLUMNS = `webhook_endpoint.id, webhook_endpoint.url, webhook_endpoint.description, webhook_endpoint.status,
  webhook_endpoint.status_reason, webhook_endpoint.event_types, webhook_endpoint.created_at`;

export async function listEndpoints(knex: Knex, tenantId: TenantId): Promise<Endpoint[]> {
  const { rows } = await knex.raw<{ rows: EndpointRow[] }>(
    `select ${COLUMNS} from webhook_endpoint
     where webhook_endpoint.tenant_id = ? and webhook_endpoint.deleted_at is null
     order by webhook_endpoint.created_at, webhook_endpoint.id`,
    [tenantId],
  );
  return rows.map(fromRow);
}

const ONE = `
  select ${COLUMNS} from webhook_endpoint
  where webhook_endpoint.tenant_id = ? and webhook_endpoint.id = ? and webhook_endpoint.deleted_at is null`;

export async function findEndpoint(knex: Knex, tenantId: TenantId, id: EndpointId): Promise<Endpoint | null> {
  const { rows } = await knex.raw<{ rows: EndpointRow[] }>(ONE, [tenantId, toUuid(id)]);
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** As `findEndpoint`, once nobody else changes it. */
export async function lockEndpoint(
  trx: Knex.Transaction,
  tenantId: TenantId,
  id: EndpointId,
): Promise<Endpoint | null> {
  const { rows } = await trx.raw<{ rows: EndpointRow[] }>(`${ONE} for no key update`, [tenantId, toUuid(id)]);
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** The endpoint with its lane; a lane of its own, so that emit never meets the hot row. */
export async function insertEndpoint(
  trx: Knex,
  tenantId: TenantId,
  endpoint: Pick<Endpoint, 'id' | 'url' | 'description' | 'eventTypes' | 'createdAt'>,
): Promise<Endpoint> {
  const { rows } = await trx.raw<{ rows: EndpointRow[] }>(
    `with added as (
       insert into webhook_endpoint (tenant_id, id, url, description, event_types, created_at)
       values (:tenantId, :id, :url, :description, :eventTypes, :createdAt)
       returning *
     ), lane as (
       insert into webhook_lane (tenant_id, endpoint_id, concurrency)
       select added.tenant_id, added.id, added.max_concurrency from added
     )
     select ${COLUMNS} from added as webhook_endpoint`,
    { tenantId, ...endpoint, id: toUuid(endpoint.id) },
  );
  const [row] = rows;
  if (row === undefined) throw new Error('an inserted endpoint came back empty');
  return fromRow(row);
}

/** Null where there is none; the caller holds its row. */
export async function updateEndpoint(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { id, change }: { id: EndpointId; change: EndpointChange },
): Promise<Endpoint | null> {
  const { rows } = await trx.raw<{ rows: EndpointRow[] }>(
    `update webhook_endpoint set
       url = coalesce(:url::text, webhook_endpoint.url),
       description = coalesce(:description::text, webhook_endpoint.description),
       event_types = case when :typesGiven then :eventTypes::text[] else webhook_endpoint.event_types end
     where webhook_endpoint.tenant_id = :tenantId and webhook_endpoint.id = :id
       and webhook_endpoint.deleted_at is null
     returning ${COLUMNS}`,
    {
      tenantId,
      id: toUuid(id),
      url: change.url ?? null,
      description: change.description ?? null,
      typesGiven: change.eventTypes !== undefined,
      eventTypes: change.eventTypes ?? null,
    },
  );
  return rows[0] === undefined ? null : fromRow(rows[0]);
}

/** As the audit log has it: receivers put secrets into paths and queries, so only the origin stands there. */
export function auditedEndpoint({ url, description, eventTypes }: Endpoint): object {
  return { origin: new URL(url).origin, description, event_types: eventTypes };
}

function fromRow(row: EndpointRow): Endpoint {
  return {
    id: toId('whk', row.id),
    url: row.url,
    description: row.description,
    status: row.status,
    statusReason: row.status_reason,
    eventTypes: row.event_types,
    createdAt: row.created_at,
  };
}
