import { randomUUIDv7 } from 'node:crypto';

import type { IdPrefix, TenantId } from '#domain/ids.ts';

/** A UUIDv7: its order is the order of its making, which keeps indexes narrow and lists pageable. */
export function newUuid(): TenantId {
  return randomUUIDv7();
}

export function newId<P extends IdPrefix>(prefix: P): `${P}_${string}` {
  return `${prefix}_${newUuid().replaceAll('-', '')}`;
}

export function newTenantId(): TenantId {
  return newUuid();
}
