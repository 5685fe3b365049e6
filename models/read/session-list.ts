import type { Knex } from 'knex';

import { toUuid, type SessionId, type TenantId, type UserId } from '#domain/ids.ts';

import {
  readSessionRow,
  SESSION_COLUMNS,
  SESSION_TABLES,
  type SessionRow,
  type SessionSummary,
} from './session-row.ts';

export type SessionListView = 'needs_human' | 'mine' | 'unassigned' | 'ai_live' | 'done';

export interface SessionListFilter {
  view: SessionListView | null;
  /** A session that was asked for by name: our id, or the hash of the client's. */
  named: { sessionId: SessionId | null; clientIdHash: string } | null;
  /** Newest first; the id to go on below. */
  before: SessionId | null;
  limit: number;
  userId: UserId;
  /** Since when something must have happened in a conversation for it to be live. */
  liveSince: Date;
}

/** A page of the tenant's conversations, newest first by id: a time would move under the reader. */
export async function listSessions(
  knex: Knex,
  tenantId: TenantId,
  filter: SessionListFilter,
): Promise<SessionSummary[]> {
  const { view, named, before, limit } = filter;
  const { rows } = await knex.raw<{ rows: SessionRow[] }>(listSql(filter), {
    tenantId,
    limit,
    ...(before === null ? {} : { before: toUuid(before) }),
    ...(named === null ? {} : namedBindings(named)),
    ...(view === 'mine' ? { userId: toUuid(filter.userId) } : {}),
    ...(view === 'ai_live' ? { liveSince: filter.liveSince } : {}),
  });
  return rows.map(readSessionRow);
}

/** Only conditions that are asked for: each has an index of its own, and the planner sees which. */
function listSql({ view, named, before }: SessionListFilter): string {
  const conditions = [
    'chat_session.tenant_id = :tenantId',
    ...(before === null ? [] : ['chat_session.id < :before']),
    ...(named === null ? [] : [NAMED]),
    ...(view === null ? [] : [VIEWS[view]]),
  ];
  return `select ${SESSION_COLUMNS} from ${SESSION_TABLES}
    where ${conditions.join(' and ')} order by chat_session.id desc limit :limit`;
}

// Few of all conversations a tenant ever had: their open hand-offs have an index, and lead there.
const IN_PERSONS_HANDS = `chat_session.state = 'open' and chat_session.owner <> 'ai' and chat_session.id in (
  select handoff.session_id from handoff where handoff.tenant_id = :tenantId and handoff.ended_at is null)`;

const VIEWS: Readonly<Record<SessionListView, string>> = {
  needs_human: `${IN_PERSONS_HANDS} and (chat_session.owner = 'queue' or waiting.since is not null)`,
  mine: `${IN_PERSONS_HANDS} and chat_session.owner_user_id = :userId`,
  unassigned: `${IN_PERSONS_HANDS} and chat_session.owner = 'queue' and chat_session.owner_user_id is null`,
  ai_live: `chat_session.state = 'open' and chat_session.owner = 'ai' and chat_session.last_at >= :liveSince`,
  done: `chat_session.state = 'closed'`,
};

// Each channel named, so that the key over tenant, channel and hash is used.
const NAMED = `chat_session.id in (
  select named.id from chat_session as named where named.tenant_id = :tenantId
    and named.channel in ('public', 'widget', 'signed_in') and named.client_id_hash = :clientIdHash
  union all select :namedId::uuid where :namedId::uuid is not null)`;

function namedBindings({ sessionId, clientIdHash }: NonNullable<SessionListFilter['named']>) {
  return { clientIdHash, namedId: sessionId === null ? null : toUuid(sessionId) };
}
