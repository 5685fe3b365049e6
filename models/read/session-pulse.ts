import type { Knex } from 'knex';

import { toUuid, type SessionId, type TenantId } from '#domain/ids.ts';
import type { Owner } from '#domain/turn.ts';

/** What tells a visitor's feed whether there is anything new: one row, found by its key. */
export interface SessionPulse {
  lastSeq: number;
  owner: Owner;
  ownerEpoch: number;
  /** Of the person who speaks. */
  agentName: string | null;
}

export async function readSessionPulse(
  knex: Knex,
  tenantId: TenantId,
  sessionId: SessionId,
): Promise<SessionPulse | null> {
  const { rows } = await knex.raw<{ rows: SessionPulse[] }>(
    `select chat_session.next_seq - 1 as "lastSeq", chat_session.owner, chat_session.owner_epoch as "ownerEpoch",
       app_user.name as "agentName"
     from chat_session
     left join app_user on app_user.tenant_id = chat_session.tenant_id and app_user.id = chat_session.owner_user_id
     where chat_session.tenant_id = ? and chat_session.id = ?`,
    [tenantId, toUuid(sessionId)],
  );
  return rows[0] ?? null;
}
