import type { Knex } from 'knex';

import type { EventDraft } from '#contract/events.ts';
import type { ApiKeyId, EndpointId, MessageId, TurnId, UserId } from '#domain/ids.ts';
import type { SessionOwner } from '#domain/session-owner.ts';

import { appendMessage } from '../append-message.ts';
import { recordAudit, type AuditedChange } from '../audit.ts';
import { readReleasedText } from '../released-text.ts';
import { storeOwner, type LockedSession } from '../session-owner.ts';

/** What became of a wish to change who speaks; the same for every command that does. */
export type OwnerRefused =
  | { kind: 'missing' }
  | { kind: 'closed' }
  | { kind: 'already-owned'; by: { userId: UserId; name: string }; epoch: number };

/** Who speaks now, and since when. Nothing to ring for where it was so already. */
export interface OwnerSet {
  kind: 'set';
  isChanged: boolean;
  owner: SessionOwner;
  at: Date;
  /** Whose doorbell rings after the commit. */
  endpointIds: EndpointId[];
}

/** Who acts on a conversation. */
export interface ByPerson {
  by: UserId;
  /** The key, where a program acts in the person's name. */
  byKey?: ApiKeyId | null;
}

export interface OwnerStep extends ByPerson {
  after: SessionOwner;
  action: AuditedChange['action'];
  reason: string | null;
  at: Date;
}

/**
 * The fence, under the session's lock: what the visitor has seen of the running answer becomes a message first, then
 * the epoch rises, so that no more of it can leave. Gives what is to be told, before anything that follows from it.
 */
export async function changeOwner(trx: Knex, session: LockedSession, step: OwnerStep): Promise<EventDraft[]> {
  const { after, action, by, byKey = null, reason, at } = step;
  const kept = await keepReleasedText(trx, session, at);
  await storeOwner(trx, session, { after, at });
  await recordAudit(trx, session.tenantId, {
    actor: { userId: by, apiKeyId: byKey },
    action,
    objectType: 'session',
    objectId: session.sessionId,
    before: auditOf(session),
    after: auditOf(after),
    reason,
    at,
  });
  return kept;
}

async function keepReleasedText(trx: Knex, session: LockedSession, at: Date): Promise<EventDraft[]> {
  const released = await readReleasedText(trx, session);
  if (released === null) return [];
  const { turnId, text, answers } = released;
  const { id, seq } = await appendMessage(trx, session, { author: 'ai', cut: true, turnId, text, at });
  return [sentByBob(session, { id, seq, turnId, answers })];
}

function sentByBob(
  session: LockedSession,
  message: { id: MessageId; seq: number; turnId: TurnId; answers: MessageId },
): EventDraft {
  return {
    type: 'message.sent',
    dedupeKey: `message/${message.id}/sent`,
    data: {
      message_id: message.id,
      message_seq: message.seq,
      author: { type: 'ai', id: session.personaId },
      attachments: 0,
      turn_id: message.turnId,
      reply_to: message.answers,
      ai_generated: true,
    },
  };
}

function auditOf({ state, owner, userId, epoch }: SessionOwner): object {
  return { state, owner, owner_user_id: userId, owner_epoch: epoch };
}
