import type { Knex } from 'knex';

import { toUuid, type SessionId, type TenantId, type UserId } from '#domain/ids.ts';
import { newId } from '#platform/new-id.ts';

export interface AuditedChange {
  actorId: UserId;
  action: 'session.taken_over' | 'session.handed_back' | 'session.assigned' | 'session.closed';
  objectType: 'session';
  objectId: SessionId;
  before: object;
  after: object;
  reason: string | null;
  at: Date;
}

/** Who changed what, and why; in the transaction of the change, so that neither is there without the other. */
export async function recordAudit(trx: Knex, tenantId: TenantId, change: AuditedChange): Promise<void> {
  const { actorId, before, after, ...rest } = change;
  await trx.raw(
    `insert into audit_event (tenant_id, id, actor_type, actor_id, action, object_type, object_id, before, after,
       reason, at)
     values (:tenantId, :id, 'user', :actorId, :action, :objectType, :objectId, :before, :after, :reason, :at)`,
    {
      ...rest,
      tenantId,
      id: toUuid(newId('adt')),
      actorId: toUuid(actorId),
      before: JSON.stringify(before),
      after: JSON.stringify(after),
    },
  );
}
