import type { Knex } from 'knex';

import { toUuid } from '#domain/ids.ts';
import type { Realm } from '#domain/permissions.ts';

import { lockUser } from '../app-user.ts';
import { endOldPassword } from '../end-old-password.ts';
import { findPasswordReset, takePasswordReset } from '../password-reset.ts';

export interface NewPasswordByMail {
  realm: Realm;
  tokenHash: string;
  passwordHash: string;
  at: Date;
}

/** A new password for whoever has the mail. Null where the token was used, has ended, or never was. */
export async function resetPassword(
  knex: Knex,
  { realm, tokenHash, passwordHash, at }: NewPasswordByMail,
): Promise<{ email: string } | null> {
  return knex.transaction(async (trx) => {
    const found = await findPasswordReset(trx, { realm, tokenHash, at });
    if (found === null) return null;
    const { tenantId, userId, email } = found;
    await lockUser(trx, tenantId, userId);
    if (!(await takePasswordReset(trx, tenantId, { tokenHash, at }))) return null;
    // The hash first, then the sessions: a sign-in with the old password either waits and fails, or is ended here.
    await trx.raw(`update app_user set password_hash = ? where app_user.tenant_id = ? and app_user.id = ?`, [
      passwordHash,
      tenantId,
      toUuid(userId),
    ]);
    await endOldPassword(trx, tenantId, { userId, by: 'mail', at });
    return { email };
  });
}
