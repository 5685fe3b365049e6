import type { Knex } from 'knex';

import { toId, toUuid, type HandoffId, type SessionId, type TenantId, type UserId } from '#domain/ids.ts';

import {
  readSessionRow,
  SESSION_COLUMNS,
  SESSION_TABLES,
  type SessionRow,
  type SessionSummary,
} from './session-row.ts';

export interface SessionFacts {
  turns: number;
  messages: number;
  notes: number;
  chargedMillicredits: bigint;
  feedback: { up: number; down: number };
  disclosures: { version: number; language: string; shownAt: Date }[];
  handoffs: HandoffView[];
}

export interface HandoffView {
  id: HandoffId;
  category: string;
  state: 'requested' | 'assigned' | 'taken_over' | 'returned' | 'expired';
  assignee: { id: UserId; name: string } | null;
  ownerEpoch: number;
  createdAt: Date;
  endedAt: Date | null;
}

export interface SessionDetails extends SessionSummary {
  closedAt: Date | null;
  closedReason: string | null;
  facts: SessionFacts;
}

interface DetailRow extends SessionRow {
  closed_at: Date | null;
  closed_reason: string | null;
  turns: number;
  messages: number;
  notes: number;
  charged_mc: string;
  up: number;
  down: number;
  disclosures: { version: number; language: string; shown_at: string }[];
  handoffs: {
    id: string;
    category: string;
    state: HandoffView['state'];
    assignee_id: string | null;
    assignee_name: string | null;
    owner_epoch: number;
    created_at: string;
    ended_at: string | null;
  }[];
}

/** One conversation and what is known around it, in one snapshot; null where the tenant has no such one. */
export async function readSession(
  knex: Knex,
  tenantId: TenantId,
  sessionId: SessionId,
): Promise<SessionDetails | null> {
  const { rows } = await knex.raw<{ rows: DetailRow[] }>(DETAIL, { tenantId, sessionId: toUuid(sessionId) });
  const [row] = rows;
  if (row === undefined) return null;
  return {
    ...readSessionRow(row),
    closedAt: row.closed_at,
    closedReason: row.closed_reason,
    facts: {
      turns: row.turns,
      messages: row.messages,
      notes: row.notes,
      chargedMillicredits: BigInt(row.charged_mc),
      feedback: { up: row.up, down: row.down },
      disclosures: row.disclosures.map((shown) => ({ ...shown, shownAt: new Date(shown.shown_at) })),
      handoffs: row.handoffs.map(readHandoff),
    },
  };
}

function readHandoff(row: DetailRow['handoffs'][number]): HandoffView {
  const { assignee_id: assigneeId, assignee_name: name } = row;
  return {
    id: toId('hof', row.id),
    category: row.category,
    state: row.state,
    assignee: assigneeId === null ? null : { id: toId('usr', assigneeId), name: name ?? '' },
    ownerEpoch: row.owner_epoch,
    createdAt: new Date(row.created_at),
    endedAt: row.ended_at === null ? null : new Date(row.ended_at),
  };
}

const OF_SESSION = 'tenant_id = chat_session.tenant_id and session_id = chat_session.id';

const DETAIL = `
  select ${SESSION_COLUMNS}, chat_session.closed_at, chat_session.closed_reason,
    (select count(*)::integer from turn where ${OF_SESSION}) as turns,
    (select coalesce(sum(turn.charged_mc), 0)::text from turn where ${OF_SESSION}) as charged_mc,
    (select count(*)::integer from message where ${OF_SESSION} and message.kind = 'text') as messages,
    (select count(*)::integer from message where ${OF_SESSION} and message.kind = 'note') as notes,
    (select count(*)::integer from message_feedback where ${OF_SESSION} and message_feedback.rating = 'up') as up,
    (select count(*)::integer from message_feedback where ${OF_SESSION} and message_feedback.rating = 'down') as down,
    (select coalesce(jsonb_agg(jsonb_build_object('version', shown.version, 'language', shown.language,
        'shown_at', shown.shown_at) order by shown.ordinal), '[]')
      from disclosure_shown as shown where ${OF_SESSION}) as disclosures,
    (select coalesce(jsonb_agg(jsonb_build_object('id', handoff.id, 'category', handoff.category,
        'state', handoff.state, 'assignee_id', handoff.assignee_id, 'assignee_name', app_user.name,
        'owner_epoch', handoff.owner_epoch, 'created_at', handoff.created_at, 'ended_at', handoff.ended_at)
        order by handoff.id), '[]')
      from handoff left join app_user on app_user.tenant_id = handoff.tenant_id and app_user.id = handoff.assignee_id
      where handoff.tenant_id = chat_session.tenant_id and handoff.session_id = chat_session.id) as handoffs
  from ${SESSION_TABLES}
  where chat_session.tenant_id = :tenantId and chat_session.id = :sessionId`;
