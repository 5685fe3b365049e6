import type { Knex } from 'knex';

import { toUuid, type TenantId, type TurnId } from '#domain/ids.ts';
import type { Held, HoldRequest } from '#domain/usage.ts';

import { HoldKeyConflict, TurnAlreadyEnded } from './turn-errors.ts';

interface HoldRow {
  reserved_mc: string;
  pricebook_version: number;
  state: 'held' | 'settled' | 'released';
  request_hash: string;
}

/** The hold an earlier try of this turn placed, or null. A closed one, or one for another request, is an error. */
export async function findReplay(knex: Knex, hold: HoldRequest): Promise<Held | null> {
  const row = await findHold(knex, hold);
  if (row === null) return null;
  if (row.request_hash !== hold.requestHash) throw new HoldKeyConflict(`${hold.turnId} has a hold for another request`);
  if (row.state !== 'held') throw new TurnAlreadyEnded(`${hold.turnId} has ended: its hold is ${row.state}`);
  return {
    state: 'held',
    reservedMillicredits: BigInt(row.reserved_mc),
    pricebookVersion: row.pricebook_version,
    replay: true,
  };
}

/** The version a turn's hold pinned, or null where it never held. */
export async function findHeldVersion(
  knex: Knex,
  turn: { tenantId: TenantId; turnId: TurnId },
): Promise<number | null> {
  return (await findHold(knex, turn))?.pricebook_version ?? null;
}

async function findHold(knex: Knex, turn: { tenantId: TenantId; turnId: TurnId }): Promise<HoldRow | null> {
  const { rows } = await knex.raw<{ rows: HoldRow[] }>(
    `select h.reserved_mc, h.pricebook_version, h.state, h.request_hash
     from credit_hold h where h.tenant_id = ? and h.turn_id = ?`,
    [turn.tenantId, toUuid(turn.turnId)],
  );
  return rows[0] ?? null;
}
