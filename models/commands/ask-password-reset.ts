import type { Knex } from 'knex';

import type { Language } from '#domain/languages.ts';
import type { Realm } from '#domain/permissions.ts';

import { findUserByEmail, lockUser } from '../app-user.ts';
import { countPasswordResets, insertPasswordReset } from '../password-reset.ts';
import { requireLanguage } from '../tenant.ts';

export interface AskedPasswordReset {
  realm: Realm;
  email: string;
  tokenHash: string;
  at: Date;
}

const HOUR_MS = 3_600_000;
/** Whoever asks from many addresses still cannot fill somebody's mailbox. */
const PER_HOUR_MAX = 5;

/** Null where no mail shall go out: nobody has this address, or enough went there lately. */
export async function askPasswordReset(
  knex: Knex,
  { realm, email, tokenHash, at }: AskedPasswordReset,
): Promise<{ language: Language } | null> {
  return knex.transaction(async (trx) => {
    const user = await findUserByEmail(trx, { realm, email });
    if (user === null) return null;
    const { tenantId, userId } = user;
    await lockUser(trx, tenantId, userId);
    const since = new Date(at.getTime() - HOUR_MS);
    if ((await countPasswordResets(trx, tenantId, { userId, since })) >= PER_HOUR_MAX) return null;
    await insertPasswordReset(trx, tenantId, { userId, tokenHash, at, expiresAt: new Date(at.getTime() + HOUR_MS) });
    return { language: await requireLanguage(trx, tenantId) };
  });
}
