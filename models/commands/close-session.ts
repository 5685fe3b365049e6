import type { Knex } from 'knex';

import type { EventDraft } from '#contract/events.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import { toUuid } from '#domain/ids.ts';
import { decideOwner } from '#domain/session-owner.ts';
import type { Outcome } from '#domain/turn.ts';
import { retryOnConflict } from '#platform/database.ts';

import { dropHandoff } from '../handoff.ts';
import { emit } from '../outbox/emit.ts';
import { lockSession, storeClosed, timeIn, type SessionRef } from '../session-owner.ts';
import { changeOwner, type ByPerson, type OwnerRefused, type OwnerSet } from './change-owner.ts';

/** The end of a conversation: what runs is withheld, what waits stays unanswered, what comes is told 410. */
export async function closeSession(
  knex: Knex,
  ref: SessionRef,
  { closing, now }: { closing: ByPerson & { reason: string }; now: Date },
): Promise<OwnerSet | OwnerRefused> {
  const { by, reason } = closing;
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      const session = await lockSession(trx, ref);
      if (session === null) return { kind: 'missing' };
      const decision = decideOwner(session, { kind: 'close', by });
      if (decision.kind !== 'changed') {
        return { kind: 'set', isChanged: false, owner: session, at: session.ownerSince, endpointIds: [] };
      }
      const { after } = decision;
      const at = timeIn(session, now);
      const kept = await changeOwner(trx, session, { ...closing, after, action: 'session.closed', at });
      await storeClosed(trx, ref, { reason, at });
      await dropHandoff(trx, ref, at);
      const told = await closedEvent(trx, ref, reason);
      const endpointIds = await emit(trx, { ...ref, at, events: [...kept, told] });
      return { kind: 'set', isChanged: true, owner: after, at, endpointIds };
    }),
  );
}

async function closedEvent(trx: Knex, { tenantId, sessionId }: SessionRef, reason: string): Promise<EventDraft> {
  const { rows } = await trx.raw<{ rows: { turns: number; charged_mc: string; outcome: Outcome | null }[] }>(ENDED, {
    tenantId,
    sessionId: toUuid(sessionId),
  });
  const [ended] = rows;
  return {
    type: 'session.closed',
    dedupeKey: `session/${sessionId}/closed`,
    data: {
      reason,
      outcome: ended?.outcome ?? null,
      turns: ended?.turns ?? 0,
      credits: formatCredits(BigInt(ended?.charged_mc ?? 0)),
    },
  };
}

const ENDED = `
  select count(*)::integer as turns, coalesce(sum(turn.charged_mc), 0)::text as charged_mc,
    (array_agg(turn.outcome order by turn.message_seq desc))[1] as outcome
  from turn
  where turn.tenant_id = :tenantId and turn.session_id = :sessionId and turn.state = 'closed'`;
