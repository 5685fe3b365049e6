import type { Knex } from 'knex';

import { toId, type SessionId, type TenantId, type TurnId } from '#domain/ids.ts';
import type { Channel, Owner } from '#domain/turn.ts';

export interface StaleTurn {
  tenantId: TenantId;
  turnId: TurnId;
  sessionId: SessionId;
  channel: Channel;
  owner: Owner;
}

/** A turn younger than this is on its ordinary way. */
const STALE_AFTER = '3 seconds';

/**
 * Accepted turns that nobody seems to drive: waiting for too long without another turn of their session running, or
 * left open by a process whose lease is over. Oldest first, so that handing them over keeps their order.
 */
export async function findStaleTurns(trx: Knex, { limit }: { limit: number }): Promise<StaleTurn[]> {
  const { rows } = await trx.raw<{
    rows: { tenant_id: TenantId; id: string; session_id: string; channel: Channel; owner: Owner }[];
  }>(
    `select turn.tenant_id, turn.id, turn.session_id, chat_session.channel, chat_session.owner
     from turn
     join chat_session on chat_session.tenant_id = turn.tenant_id and chat_session.id = turn.session_id
     where turn.state <> 'closed' and turn.accepted_at < now() - interval '${STALE_AFTER}'
       and (turn.lease_until is null or turn.lease_until < now())
       and not exists (select from turn as running where running.tenant_id = turn.tenant_id
         and running.session_id = turn.session_id and running.state = 'open' and running.lease_until > now())
     order by turn.accepted_at, turn.id limit ?`,
    [limit],
  );
  return rows.map((row) => ({
    tenantId: row.tenant_id,
    turnId: toId('trn', row.id),
    sessionId: toId('ses', row.session_id),
    channel: row.channel,
    owner: row.owner,
  }));
}

/** Any number, as long as nothing else takes it: "bobswp" in hex. */
const SWEEP_LOCK = String(0x62_6f_62_73_77_70);

/** One sweeper at a time, however many processes run one. The lock ends with the transaction. */
export async function takeSweepLock(trx: Knex.Transaction): Promise<boolean> {
  const { rows } = await trx.raw<{ rows: { won: boolean }[] }>(`select pg_try_advisory_xact_lock(?::bigint) as won`, [
    SWEEP_LOCK,
  ]);
  return rows[0]?.won === true;
}
