import type { Knex } from 'knex';

import type { UserId } from '#domain/ids.ts';

import { appendMessage } from '../append-message.ts';
import { lockSession, timeIn, type SessionRef } from '../session-owner.ts';
import type { OwnerRefused } from './change-owner.ts';
import type { WrittenMessage } from './reply-as-human.ts';

/** A word among the team. It has its place in the conversation, but no visitor, prompt or webhook ever sees it. */
export async function writeNote(
  knex: Knex,
  ref: SessionRef,
  { note, now }: { note: { by: UserId; text: string }; now: Date },
): Promise<WrittenMessage | OwnerRefused> {
  return knex.transaction(async (trx) => {
    const session = await lockSession(trx, ref);
    if (session === null) return { kind: 'missing' };
    if (session.state === 'closed') return { kind: 'closed' };
    const at = timeIn(session, now);
    const { by, text } = note;
    const message = await appendMessage(trx, session, { author: 'human', userId: by, kind: 'note', text, at });
    return { kind: 'written', ...message, at, owner: session, isTakeover: false, endpointIds: [] };
  });
}
