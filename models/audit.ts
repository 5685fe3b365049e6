import type { Knex } from 'knex';

import type { AuditAction, AuditObject } from '#domain/audit.ts';
import { toUuid, type ApiKeyId, type TenantId, type UserId } from '#domain/ids.ts';
import { newId } from '#platform/new-id.ts';

/** Who did it: a person, a program with that person's key, or the product by itself. */
export type AuditActor = { userId: UserId; apiKeyId: ApiKeyId | null } | 'system';

export interface AuditedChange {
  actor: AuditActor;
  action: AuditAction;
  objectType: AuditObject;
  /** The wire form of the object's id. */
  objectId: string;
  /** Never a secret, and of long texts their hash. */
  before: object | null;
  after: object | null;
  reason: string | null;
  at: Date;
}

/** Who changed what, and why; in the transaction of the change, so that neither is there without the other. */
export async function recordAudit(trx: Knex, tenantId: TenantId, change: AuditedChange): Promise<void> {
  const { actor, before, after, ...rest } = change;
  await trx.raw(
    `insert into audit_event (tenant_id, id, actor_type, actor_id, action, object_type, object_id, before, after,
       reason, at)
     values (:tenantId, :id, :actorType, :actorId, :action, :objectType, :objectId, :before, :after, :reason, :at)`,
    {
      ...rest,
      ...actorColumns(actor),
      tenantId,
      id: toUuid(newId('adt')),
      before: before === null ? null : JSON.stringify(before),
      after: after === null ? null : JSON.stringify(after),
    },
  );
}

function actorColumns(actor: AuditActor): { actorType: 'user' | 'api_key' | 'system'; actorId: string | null } {
  if (actor === 'system') return { actorType: 'system', actorId: null };
  const { userId, apiKeyId } = actor;
  return apiKeyId === null
    ? { actorType: 'user', actorId: toUuid(userId) }
    : { actorType: 'api_key', actorId: toUuid(apiKeyId) };
}
