import type { Knex } from 'knex';

import { toUuid, type EndpointId, type SessionId, type TenantId } from '#domain/ids.ts';
import { isUniqueViolation } from '#platform/database.ts';
import { newId } from '#platform/new-id.ts';

import { createdEvent, insertSession, newSessionBindings, SHOW_DISCLOSURE, type NewSession } from '../new-session.ts';
import { emit } from '../outbox/emit.ts';

export interface OpenedSession {
  sessionId: SessionId;
  endpointIds: EndpointId[];
}

const OPEN = `
  with session as (
    ${insertSession({ nextSeq: 1, eventSeq: 0, openTurns: 0 })}
    returning id, last_at
  )
  ${SHOW_DISCLOSURE}`;

/** A session before its first message, which continues it as any later one. Null where the name is taken by now. */
export async function openSession(
  knex: Knex,
  tenantId: TenantId,
  { session, at }: { session: NewSession; at: Date },
): Promise<OpenedSession | null> {
  const sessionId = newId('ses');
  try {
    return await knex.transaction(async (trx) => {
      await trx.raw(OPEN, { ...newSessionBindings(session), tenantId, sessionId: toUuid(sessionId), at });
      const endpointIds = await emit(trx, { tenantId, sessionId, at, events: [createdEvent(sessionId, session)] });
      return { sessionId, endpointIds };
    });
  } catch (error) {
    if (isUniqueViolation(error, 'chat_session_client_key')) return null;
    throw error;
  }
}
