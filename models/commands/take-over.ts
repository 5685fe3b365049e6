import type { Knex } from 'knex';

import type { EventDraft } from '#contract/events.ts';
import { decideOwner, type SessionOwner } from '#domain/session-owner.ts';
import { retryOnConflict } from '#platform/database.ts';

import { requireUserName } from '../app-user.ts';
import { giveToPerson } from '../handoff.ts';
import { emit } from '../outbox/emit.ts';
import { lockSession, timeIn, type LockedSession, type SessionRef } from '../session-owner.ts';
import { changeOwner, type ByPerson, type OwnerRefused, type OwnerSet } from './change-owner.ts';

export interface Takeover extends ByPerson {
  reason: string | null;
}

/** From the commit on only this person speaks; of two who try at once, one does and the other learns who. */
export async function takeOver(
  knex: Knex,
  ref: SessionRef,
  { takeover, now }: { takeover: Takeover; now: Date },
): Promise<OwnerSet | OwnerRefused> {
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      const session = await lockSession(trx, ref);
      if (session === null) return { kind: 'missing' };
      const at = timeIn(session, now);
      const taken = await takeUnderLock(trx, session, { ...takeover, at });
      if (taken.kind !== 'taken') return taken;
      const { isChanged, owner, events } = taken;
      const endpointIds = await emit(trx, { ...ref, at, events });
      return { kind: 'set', isChanged, owner, at: isChanged ? at : session.ownerSince, endpointIds };
    }),
  );
}

export interface TakenUnderLock {
  kind: 'taken';
  isChanged: boolean;
  owner: SessionOwner;
  /** To be told in the same transaction. */
  events: EventDraft[];
}

/** The part that a reply shares: whoever answers takes over where nobody has. */
export async function takeUnderLock(
  trx: Knex,
  session: LockedSession,
  { at, ...takeover }: Takeover & { at: Date },
): Promise<TakenUnderLock | OwnerRefused> {
  const { by } = takeover;
  const decision = decideOwner(session, { kind: 'take_over', by });
  switch (decision.kind) {
    case 'closed':
      return decision;
    case 'already-owned': {
      const name = await requireUserName(trx, session.tenantId, decision.by);
      return { kind: 'already-owned', by: { userId: decision.by, name }, epoch: session.epoch };
    }
    case 'unchanged':
      return { kind: 'taken', isChanged: false, owner: session, events: [] };
    case 'changed': {
      const { after } = decision;
      const kept = await changeOwner(trx, session, { ...takeover, after, action: 'session.taken_over', at });
      const told = await giveToPerson(trx, session, { state: 'taken_over', to: by, epoch: after.epoch, at });
      return { kind: 'taken', isChanged: true, owner: after, events: [...kept, told] };
    }
  }
}
