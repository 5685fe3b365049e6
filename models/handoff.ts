import type { Knex } from 'knex';

import type { EventData, EventDraft } from '#contract/events.ts';
import { toId, toUuid, type UserId } from '#domain/ids.ts';
import { newId } from '#platform/new-id.ts';

import { type SessionRef, userUuid } from './session-owner.ts';

type HandoffData = EventData['handoff.taken_over'];

interface HandoffRow {
  id: string;
  category: HandoffData['category'];
  rule_id: string | null;
  queue: string | null;
  assignee_id: string | null;
  owner_epoch: number;
  sla_due_at: Date | null;
}

/** A person is in charge: the open hand-off of the session becomes theirs, or a new one begins. */
export async function giveToPerson(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
  given: { state: 'taken_over' | 'assigned'; to: UserId; epoch: number; at: Date },
): Promise<EventDraft> {
  const { rows } = await trx.raw<{ rows: HandoffRow[] }>(GIVE, {
    tenantId,
    id: toUuid(newId('hof')),
    sessionId: toUuid(sessionId),
    state: given.state,
    assignee: userUuid(given.to),
    epoch: given.epoch,
    at: given.at,
  });
  const [row] = rows;
  if (row === undefined) throw new Error(`no hand-off for session ${sessionId}`);
  return draftOf(given.state === 'assigned' ? 'handoff.assigned' : 'handoff.taken_over', row);
}

/** The people's stretch is over. Null where none was open: what Bob never gave away has nothing to come back. */
export async function endHandoff(
  trx: Knex,
  { tenantId, sessionId }: SessionRef,
  { epoch, at }: { epoch: number; at: Date },
): Promise<EventDraft | null> {
  const { rows } = await trx.raw<{ rows: HandoffRow[] }>(END, { tenantId, sessionId: toUuid(sessionId), epoch, at });
  const [row] = rows;
  return row === undefined ? null : draftOf('handoff.returned', row);
}

/** A closed session waits for nobody: its hand-off ends in the state it has. */
export async function dropHandoff(trx: Knex, { tenantId, sessionId }: SessionRef, at: Date): Promise<void> {
  await trx.raw(
    `update handoff set ended_at = ?
     where handoff.tenant_id = ? and handoff.session_id = ? and handoff.ended_at is null`,
    [at, tenantId, toUuid(sessionId)],
  );
}

function draftOf(type: 'handoff.taken_over' | 'handoff.assigned' | 'handoff.returned', row: HandoffRow): EventDraft {
  const handoffId = toId('hof', row.id);
  return {
    type,
    // One hand-off may change hands several times, but once per epoch.
    dedupeKey: `handoff/${handoffId}/${row.owner_epoch}`,
    data: {
      handoff_id: handoffId,
      category: row.category,
      rule_id: row.rule_id,
      queue: row.queue,
      assignee_id: row.assignee_id === null ? null : toId('usr', row.assignee_id),
      owner_epoch: row.owner_epoch,
      sla_due_at: row.sla_due_at?.toISOString() ?? null,
    },
  };
}

const TOLD = `
  returning handoff.id, handoff.category, handoff.rule_id, handoff.queue, handoff.assignee_id, handoff.owner_epoch,
    handoff.sla_due_at`;

const GIVE = `
  insert into handoff (tenant_id, id, session_id, category, state, assignee_id, owner_epoch, created_at)
  values (:tenantId, :id, :sessionId, 'supervisor_takeover', :state, :assignee, :epoch, :at)
  on conflict (tenant_id, session_id) where ended_at is null
  do update set state = excluded.state, assignee_id = excluded.assignee_id, owner_epoch = excluded.owner_epoch
  ${TOLD}`;

const END = `
  update handoff set state = 'returned', owner_epoch = :epoch, ended_at = :at
  where handoff.tenant_id = :tenantId and handoff.session_id = :sessionId and handoff.ended_at is null
  ${TOLD}`;
