import type { Knex } from 'knex';

import type { TenantId, UserId } from '#domain/ids.ts';

import { replacePasswordHash } from '../app-user.ts';
import { endOldPassword } from '../end-old-password.ts';

export interface ChangedPassword {
  userId: UserId;
  /** The hash that the current password was checked against, and the new one. */
  from: string;
  to: string;
  /** The session that changes it stays; every other ends. */
  keepTokenHash: string;
  at: Date;
}

/** False where another change came first, so that the password which was checked no longer is the current one. */
export async function changePassword(
  knex: Knex,
  tenantId: TenantId,
  { userId, from, to, keepTokenHash, at }: ChangedPassword,
): Promise<boolean> {
  return knex.transaction(async (trx) => {
    if (!(await replacePasswordHash(trx, tenantId, { userId, from, to }))) return false;
    await endOldPassword(trx, tenantId, { userId, by: 'password', keepTokenHash, at });
    return true;
  });
}
