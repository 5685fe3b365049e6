import type { Knex } from 'knex';

import { toId, toUuid, type EndpointId, type TenantId } from '#domain/ids.ts';
import type { KeyRing } from '#platform/key-ring.ts';
import { newId } from '#platform/new-id.ts';
import { parseSigningKey, type SigningKey } from '#platform/webhook-signature.ts';

const LIVE_MAX = 5;

export interface NewSecret {
  endpointId: EndpointId;
  text: string;
  at: Date;
}

export async function addSecret(
  trx: Knex,
  tenantId: TenantId,
  secret: NewSecret & { keyRing: KeyRing },
): Promise<void> {
  const id = newId('whs');
  const { keyId, sealed } = secret.keyRing.encrypt({
    plain: Buffer.from(secret.text, 'utf8'),
    associated: belongingOf(secret.endpointId, id),
  });
  await trx.raw(
    `insert into webhook_secret (tenant_id, id, endpoint_id, kind, secret_enc, key_id, created_at)
     values (:tenantId, :id, :endpointId, 'hmac', :sealed, :keyId, :at)`,
    { tenantId, id: toUuid(id), endpointId: toUuid(secret.endpointId), sealed, keyId, at: secret.at },
  );
}

/** Keys that sign now, newest first; null where one cannot be opened, for then nothing may leave at all. */
export async function liveSigningKeys(
  knex: Knex,
  tenantId: TenantId,
  { endpointId, keyRing }: { endpointId: EndpointId; keyRing: KeyRing },
): Promise<SigningKey[] | null> {
  const { rows } = await knex.raw<{ rows: { id: string; secret_enc: Buffer; key_id: string }[] }>(LIVE_SECRETS, {
    tenantId,
    endpointId: toUuid(endpointId),
  });
  const keys: SigningKey[] = [];
  for (const row of rows) {
    const key = openSecret(keyRing, endpointId, row);
    if (key === null) return null;
    keys.push(key);
  }
  return keys.length === 0 ? null : keys;
}

const LIVE_SECRETS = `
  select webhook_secret.id, webhook_secret.secret_enc, webhook_secret.key_id from webhook_secret
  where webhook_secret.tenant_id = :tenantId and webhook_secret.endpoint_id = :endpointId
    and (webhook_secret.expires_at is null or webhook_secret.expires_at > now())
  order by webhook_secret.created_at desc, webhook_secret.id desc limit ${LIVE_MAX}`;

function openSecret(
  keyRing: KeyRing,
  endpointId: EndpointId,
  row: { id: string; secret_enc: Buffer; key_id: string },
): SigningKey | null {
  const associated = belongingOf(endpointId, toId('whs', row.id));
  try {
    const plain = keyRing.decrypt({ keyId: row.key_id, sealed: row.secret_enc, associated });
    return parseSigningKey(plain.toString('utf8'));
  } catch {
    // The key of BOB_SECRET_KEYS is gone, or the row was moved. The lane waits and the operator is told.
    return null;
  }
}

/** Binds the sealed bytes to their row: a secret copied to another endpoint does not open. */
function belongingOf(endpointId: EndpointId, secretId: string): string {
  return `${endpointId} ${secretId}`;
}
