import type { Knex } from 'knex';

import { toUuid, type TenantId, type TurnId } from '#domain/ids.ts';

/** The stored text, not a parsed one: its hash is about these bytes. Null while the turn has not ended. */
export async function readReceipt(
  knex: Knex,
  { tenantId, turnId }: { tenantId: TenantId; turnId: TurnId },
): Promise<string | null> {
  const { rows } = await knex.raw<{ rows: { record: string }[] }>(
    `select r.record from turn_receipt r where r.tenant_id = ? and r.turn_id = ?`,
    [tenantId, toUuid(turnId)],
  );
  return rows[0]?.record ?? null;
}
