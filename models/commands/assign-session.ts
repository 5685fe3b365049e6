import type { Knex } from 'knex';

import type { UserId } from '#domain/ids.ts';
import { permissionsOf } from '#domain/permissions.ts';
import { decideOwner } from '#domain/session-owner.ts';
import { retryOnConflict } from '#platform/database.ts';

import { findActiveUser } from '../app-user.ts';
import { giveToPerson } from '../handoff.ts';
import { emit } from '../outbox/emit.ts';
import { lockSession, timeIn, type SessionRef } from '../session-owner.ts';
import { changeOwner, type ByPerson, type OwnerRefused, type OwnerSet } from './change-owner.ts';

export type AssignRefused = OwnerRefused | { kind: 'no-such-user' } | { kind: 'may-not-supervise' };

/** Gives the conversation to a colleague, out of whoever's hands it is in. */
export async function assignSession(
  knex: Knex,
  ref: SessionRef,
  { assignment, now }: { assignment: ByPerson & { to: UserId }; now: Date },
): Promise<OwnerSet | AssignRefused> {
  const { to, ...who } = assignment;
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      const session = await lockSession(trx, ref);
      if (session === null) return { kind: 'missing' };
      const refused = await refusalOf(trx, ref, to);
      if (refused !== null) return refused;
      const decision = decideOwner(session, { kind: 'assign', to });
      if (decision.kind === 'unchanged') {
        return { kind: 'set', isChanged: false, owner: session, at: session.ownerSince, endpointIds: [] };
      }
      if (decision.kind !== 'changed') return { kind: 'closed' };
      const { after } = decision;
      const at = timeIn(session, now);
      const step = { after, action: 'session.assigned', reason: null } as const;
      const kept = await changeOwner(trx, session, { ...step, ...who, at });
      const told = await giveToPerson(trx, session, { state: 'assigned', to, epoch: after.epoch, at });
      const endpointIds = await emit(trx, { ...ref, at, events: [...kept, told] });
      return { kind: 'set', isChanged: true, owner: after, at, endpointIds };
    }),
  );
}

async function refusalOf(trx: Knex, { tenantId }: SessionRef, to: UserId): Promise<AssignRefused | null> {
  const user = await findActiveUser(trx, tenantId, to);
  if (user === null) return { kind: 'no-such-user' };
  return permissionsOf(user).has('sessions.supervise') ? null : { kind: 'may-not-supervise' };
}
