import type { Knex } from 'knex';

import type { TenantId, UserId } from '#domain/ids.ts';

import { recordAudit } from './audit.ts';
import { revokeAuthSessionsOf } from './auth-session.ts';
import { endPasswordResets } from './password-reset.ts';

export interface EndedPassword {
  userId: UserId;
  /** What proved whose password it is: the old one, or a mail. */
  by: 'password' | 'mail';
  /** The session that changes it stays; every other ends. */
  keepTokenHash?: string;
  at: Date;
}

/** Whatever the old password had opened ends with it, in the transaction that stored the new one. */
export async function endOldPassword(trx: Knex, tenantId: TenantId, ended: EndedPassword): Promise<void> {
  const { userId, by, keepTokenHash = '', at } = ended;
  await revokeAuthSessionsOf(trx, tenantId, { userId, at, except: keepTokenHash });
  await endPasswordResets(trx, tenantId, { userId, at });
  await recordAudit(trx, tenantId, {
    actor: { userId, apiKeyId: null },
    action: 'user.password_changed',
    objectType: 'user',
    objectId: userId,
    before: null,
    after: { by },
    reason: null,
    at,
  });
}
