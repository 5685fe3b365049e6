import type { Knex } from 'knex';

import type { EventDraft } from '#contract/events.ts';
import type { EndpointId, MessageId, UserId } from '#domain/ids.ts';
import type { SessionOwner } from '#domain/session-owner.ts';
import { retryOnConflict } from '#platform/database.ts';

import { appendMessage } from '../append-message.ts';
import { emit } from '../outbox/emit.ts';
import { lockSession, timeIn, type SessionRef } from '../session-owner.ts';
import type { ByPerson, OwnerRefused } from './change-owner.ts';
import { takeUnderLock } from './take-over.ts';

export interface HumanReply extends ByPerson {
  text: string;
}

/** A message that a person wrote into the conversation. */
export interface WrittenMessage {
  kind: 'written';
  id: MessageId;
  seq: number;
  at: Date;
  owner: SessionOwner;
  /** Whether it took the conversation over as well. */
  isTakeover: boolean;
  endpointIds: EndpointId[];
}

/** A person's answer, numbered like every message under the session's lock; it takes over where nobody has. */
export async function replyAsHuman(
  knex: Knex,
  ref: SessionRef,
  { reply, now }: { reply: HumanReply; now: Date },
): Promise<WrittenMessage | OwnerRefused> {
  const { text, ...who } = reply;
  const { by } = who;
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      const session = await lockSession(trx, ref);
      if (session === null) return { kind: 'missing' };
      const at = timeIn(session, now);
      const taken = await takeUnderLock(trx, session, { ...who, reason: null, at });
      if (taken.kind !== 'taken') return taken;
      const message = await appendMessage(trx, session, { author: 'human', userId: by, text, at });
      const events = [...taken.events, sentByPerson(message, by)];
      const endpointIds = await emit(trx, { ...ref, at, events });
      return { kind: 'written', ...message, at, owner: taken.owner, isTakeover: taken.isChanged, endpointIds };
    }),
  );
}

function sentByPerson({ id, seq }: { id: MessageId; seq: number }, by: UserId): EventDraft {
  return {
    type: 'message.sent',
    dedupeKey: `message/${id}/sent`,
    data: {
      message_id: id,
      message_seq: seq,
      author: { type: 'human', id: by },
      attachments: 0,
      turn_id: null,
      reply_to: null,
      ai_generated: false,
    },
  };
}
