import type { Knex } from 'knex';

import { toId, toUuid, type PersonaId, type SessionId, type TenantId, type UserId } from '#domain/ids.ts';
import type { SessionOwner } from '#domain/session-owner.ts';
import type { Channel, Owner } from '#domain/turn.ts';

export interface SessionRef {
  tenantId: TenantId;
  sessionId: SessionId;
}

/** A session under its lock: what a change of owner is decided on. Nothing is said in it until the commit. */
export interface LockedSession extends SessionRef, SessionOwner {
  ownerSince: Date;
  channel: Channel;
  personaId: PersonaId;
  lastAt: Date;
}

interface LockedRow {
  state: 'open' | 'closed';
  owner: Owner;
  owner_user_id: string | null;
  owner_epoch: number;
  owner_since: Date;
  channel: Channel;
  persona_id: string;
  last_at: Date;
}

/** The session's row first, as in every transaction of the house; null where this tenant has no such session. */
export async function lockSession(trx: Knex, { tenantId, sessionId }: SessionRef): Promise<LockedSession | null> {
  const { rows } = await trx.raw<{ rows: LockedRow[] }>(LOCK, { tenantId, sessionId: toUuid(sessionId) });
  const [row] = rows;
  if (row === undefined) return null;
  return {
    tenantId,
    sessionId,
    state: row.state,
    owner: row.owner,
    userId: row.owner_user_id === null ? null : toId('usr', row.owner_user_id),
    epoch: row.owner_epoch,
    ownerSince: row.owner_since,
    channel: row.channel,
    personaId: toId('per', row.persona_id),
    lastAt: row.last_at,
  };
}

const LOCK = `
  select chat_session.state, chat_session.owner, chat_session.owner_user_id, chat_session.owner_epoch,
    chat_session.owner_since, chat_session.channel, chat_session.last_at, persona_version.persona_id
  from chat_session
  join persona_version on persona_version.tenant_id = chat_session.tenant_id
    and persona_version.id = chat_session.persona_version_id
  where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId
  for no key update of chat_session`;

/** Times of a session follow its numbers, whatever the clocks of two processes say. */
export function timeIn(session: { lastAt: Date }, now: Date): Date {
  return now > session.lastAt ? now : session.lastAt;
}

/** Only under the session's lock. From the commit on, no text made under an older epoch can be stored or shown. */
export async function storeOwner(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
  { after, at }: { after: SessionOwner; at: Date },
): Promise<void> {
  await trx.raw(
    `update chat_session set owner = :owner, owner_user_id = :userId::uuid, owner_epoch = :epoch, owner_since = :at,
       last_at = :at
     where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId`,
    {
      tenantId,
      sessionId: toUuid(sessionId),
      owner: after.owner,
      userId: userUuid(after.userId),
      epoch: after.epoch,
      at,
    },
  );
}

/** A closed session takes no message any more. */
export async function storeClosed(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
  { reason, at }: { reason: string; at: Date },
): Promise<void> {
  await trx.raw(
    `update chat_session set state = 'closed', closed_at = :at, closed_reason = :reason
     where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId`,
    { tenantId, sessionId: toUuid(sessionId), reason, at },
  );
}

export function userUuid(userId: UserId | null): string | null {
  return userId === null ? null : toUuid(userId);
}
