import type { Knex } from 'knex';

import type { AuditAction, AuditObject } from '#domain/audit.ts';
import { toId, toUuid, type ApiKeyId, type TenantId, type UserId } from '#domain/ids.ts';

export interface AuditFilter {
  actor: UserId | ApiKeyId | 'system' | null;
  action: AuditAction | null;
  objectType: AuditObject | null;
  objectId: string | null;
  from: Date | null;
  to: Date | null;
  /** The last one of the page before. */
  before: { at: Date; id: `adt_${string}` } | null;
  limit: number;
}

export interface AuditEntry {
  id: `adt_${string}`;
  tenant: { id: TenantId; businessId: string; name: string };
  actor: { type: 'user' | 'api_key' | 'system'; id: string | null; name: string | null };
  action: string;
  objectType: string;
  objectId: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
  at: Date;
}

interface AuditRow {
  id: string;
  tenant_id: TenantId;
  business_id: string;
  tenant_name: string;
  actor_type: 'user' | 'api_key' | 'system';
  actor_id: string | null;
  actor_name: string | null;
  action: string;
  object_type: string;
  object_id: string;
  before: Record<string, unknown> | null;
  after: Record<string, unknown> | null;
  reason: string | null;
  at: Date;
}

/** What was changed in one tenant, newest first. */
export async function listAuditEvents(knex: Knex, tenantId: TenantId, filter: AuditFilter): Promise<AuditEntry[]> {
  return read(knex, { filter, tenantId, ofStaff: 'null' });
}

/** The same for the operator: of all tenants or of one, with the names of its own staff. */
export async function listPlatformAuditEvents(
  knex: Knex,
  filter: AuditFilter & { tenantId: TenantId | null },
): Promise<AuditEntry[]> {
  return read(knex, { filter, tenantId: filter.tenantId, ofStaff: STAFF_NAME });
}

// The operator's staff act on tenants that they are no users of.
const STAFF_NAME = `(select staff.name from app_user as staff join tenant as home on home.id = staff.tenant_id
  where home.is_operator and staff.id = picked.actor_id)`;

interface Reading {
  filter: AuditFilter;
  tenantId: TenantId | null;
  ofStaff: string;
}

async function read(knex: Knex, { filter, tenantId, ofStaff }: Reading): Promise<AuditEntry[]> {
  const wanted = conditionsOf(filter, tenantId);
  const where = wanted.map(({ sql }) => sql).join(' and ');
  const { rows } = await knex.raw<{ rows: AuditRow[] }>(
    `with picked as (
       select audit_event.tenant_id, audit_event.id, audit_event.actor_type, audit_event.actor_id, audit_event.action,
         audit_event.object_type, audit_event.object_id, audit_event.before, audit_event.after, audit_event.reason,
         audit_event.at
       from audit_event ${where === '' ? '' : `where ${where}`}
       order by audit_event.at desc, audit_event.id desc limit :limit
     )
     select picked.id, picked.tenant_id, tenant.business_id, tenant.name as tenant_name, picked.actor_type,
       picked.actor_id, coalesce(app_user.name, api_key.name, ${ofStaff}) as actor_name, picked.action,
       picked.object_type, picked.object_id, picked.before, picked.after, picked.reason, picked.at
     from picked
     join tenant on tenant.id = picked.tenant_id
     left join app_user on app_user.tenant_id = picked.tenant_id and app_user.id = picked.actor_id
     left join api_key on api_key.tenant_id = picked.tenant_id and api_key.id = picked.actor_id
     order by picked.at desc, picked.id desc`,
    Object.fromEntries([['limit', filter.limit], ...wanted.flatMap(({ bindings }) => Object.entries(bindings))]),
  );
  return rows.map(readEntry);
}

interface Condition {
  sql: string;
  bindings: Record<string, Knex.Value>;
}

/** Only conditions that are asked for: the planner then sees which index serves. */
function conditionsOf(filter: AuditFilter, tenantId: TenantId | null): Condition[] {
  const { actor, action, objectType, objectId, from, to, before } = filter;
  return [
    ...equal('tenant_id', tenantId),
    ...equal('action', action),
    ...equal('object_type', objectType),
    ...equal('object_id', objectId),
    ...(actor === 'system' ? equal('actor_type', 'system') : []),
    ...(actor === null || actor === 'system' ? [] : equal('actor_id', toUuid(actor))),
    ...(from === null ? [] : [{ sql: 'audit_event.at >= :from', bindings: { from } }]),
    ...(to === null ? [] : [{ sql: 'audit_event.at < :to', bindings: { to } }]),
    ...(before === null
      ? []
      : [
          {
            sql: '(audit_event.at, audit_event.id) < (:lastAt, :lastId)',
            bindings: { lastAt: before.at, lastId: toUuid(before.id) },
          },
        ]),
  ];
}

function equal(column: string, value: string | null): Condition[] {
  return value === null ? [] : [{ sql: `audit_event.${column} = :${column}`, bindings: { [column]: value } }];
}

function readEntry(row: AuditRow): AuditEntry {
  return {
    id: toId('adt', row.id),
    tenant: { id: row.tenant_id, businessId: row.business_id, name: row.tenant_name },
    actor: { type: row.actor_type, id: actorIdOf(row), name: row.actor_name },
    action: row.action,
    objectType: row.object_type,
    objectId: row.object_id,
    before: row.before,
    after: row.after,
    reason: row.reason,
    at: row.at,
  };
}

function actorIdOf({ actor_type: type, actor_id: id }: AuditRow): string | null {
  if (id === null) return null;
  return toId(type === 'api_key' ? 'key' : 'usr', id);
}
