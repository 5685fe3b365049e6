import type { Knex } from 'knex';

import { handbackNote } from '#domain/handback-note.ts';
import type { TurnId } from '#domain/ids.ts';
import { decideOwner } from '#domain/session-owner.ts';
import type { Channel } from '#domain/turn.ts';
import { retryOnConflict } from '#platform/database.ts';

import { appendMessage } from '../append-message.ts';
import { endHandoff } from '../handoff.ts';
import { beginHandbackTurn, canRespond, readHumanStretch, showDisclosureAgain } from '../handback.ts';
import { emit } from '../outbox/emit.ts';
import { lockSession, timeIn, type LockedSession, type SessionRef } from '../session-owner.ts';
import { changeOwner, type ByPerson, type OwnerRefused, type OwnerSet } from './change-owner.ts';

export interface Handback extends ByPerson {
  note: string | null;
  /** Read before: what the tenant can still spend on answers. */
  availableMillicredits: bigint;
}

export interface HandedBack extends OwnerSet {
  channel: Channel;
  /** Answers what visitors wrote meanwhile; null where nothing waits. */
  turnId: TurnId | null;
}

export type HandbackRefused = { kind: 'no-responder' } | { kind: 'already-bobs'; epoch: number };

/**
 * Bob speaks again: told what people did, disclosed once more, and at work at once where a visitor waits. Of two who
 * hand back at once, one does: the other one's note has reached nobody, which they have to know.
 */
export async function handBack(
  knex: Knex,
  ref: SessionRef,
  { handback, now }: { handback: Handback; now: Date },
): Promise<HandedBack | OwnerRefused | HandbackRefused> {
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      const session = await lockSession(trx, ref);
      if (session === null) return { kind: 'missing' };
      const decision = decideOwner(session, { kind: 'hand_back' });
      if (decision.kind === 'unchanged') return { kind: 'already-bobs', epoch: session.epoch };
      if (decision.kind !== 'changed') return { kind: 'closed' };
      if (handback.availableMillicredits <= 0n || !(await canRespond(trx, ref))) return { kind: 'no-responder' };

      const { after } = decision;
      const { by, byKey = null } = handback;
      const step = { after, action: 'session.handed_back', by, byKey, reason: null } as const;
      const at = timeIn(session, now);
      const kept = await changeOwner(trx, session, { ...step, at });
      const turnId = await tellBob(trx, session, { note: handback.note, epoch: after.epoch, at });
      const returned = await endHandoff(trx, ref, { epoch: after.epoch, at });
      const events = returned === null ? kept : [...kept, returned];
      const endpointIds = await emit(trx, { ...ref, at, events });
      return { kind: 'set', isChanged: true, owner: after, at, endpointIds, channel: session.channel, turnId };
    }),
  );
}

async function tellBob(
  trx: Knex,
  session: LockedSession,
  { note, epoch, at }: { note: string | null; epoch: number; at: Date },
): Promise<TurnId | null> {
  const { unanswered, ...stretch } = await readHumanStretch(trx, session);
  const text = handbackNote({ ...stretch, note });
  const message = await appendMessage(trx, session, { author: 'system', kind: 'handback', text, at });
  await showDisclosureAgain(trx, session, at);
  if (unanswered === null) return null;
  return beginHandbackTurn(trx, session, { message, answersSeq: unanswered, text, epoch, at });
}
