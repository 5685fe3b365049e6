import { toId, type PersonaId, type SessionId, type UserId } from '#domain/ids.ts';
import type { Channel, MessageAuthor, Owner } from '#domain/turn.ts';

/** One line of the list of conversations. */
export interface SessionSummary {
  id: SessionId;
  channel: Channel;
  state: 'open' | 'closed';
  owner: Owner;
  ownerUser: { id: UserId; name: string } | null;
  ownerEpoch: number;
  ownerSince: Date;
  language: string;
  persona: { id: PersonaId; number: number };
  lastMessage: { seq: number; author: MessageAuthor; name: string | null; text: string | null; at: Date } | null;
  /** When the oldest message was written that nobody answered; null while Bob speaks. */
  waitingSince: Date | null;
  createdAt: Date;
}

export interface SessionRow {
  id: string;
  channel: Channel;
  state: 'open' | 'closed';
  owner: Owner;
  owner_user_id: string | null;
  owner_name: string | null;
  owner_epoch: number;
  owner_since: Date;
  language: string;
  persona_id: string;
  persona_number: number;
  last_seq: number | null;
  last_author: MessageAuthor;
  last_name: string | null;
  last_text: string | null;
  last_said_at: Date;
  waiting_since: Date | null;
  created_at: Date;
}

export function readSessionRow(row: SessionRow): SessionSummary {
  return {
    id: toId('ses', row.id),
    channel: row.channel,
    state: row.state,
    owner: row.owner,
    ownerUser: row.owner_user_id === null ? null : { id: toId('usr', row.owner_user_id), name: row.owner_name ?? '' },
    ownerEpoch: row.owner_epoch,
    ownerSince: row.owner_since,
    language: row.language,
    persona: { id: toId('per', row.persona_id), number: row.persona_number },
    lastMessage:
      row.last_seq === null
        ? null
        : {
            seq: row.last_seq,
            author: row.last_author,
            name: row.last_name,
            text: row.last_text,
            at: row.last_said_at,
          },
    waitingSince: row.waiting_since,
    createdAt: row.created_at,
  };
}

const PREVIEW_LENGTH = 140;

export const SESSION_COLUMNS = `
  chat_session.id, chat_session.channel, chat_session.state, chat_session.owner, chat_session.owner_user_id,
  in_charge.name as owner_name, chat_session.owner_epoch, chat_session.owner_since, chat_session.language,
  chat_session.created_at, persona_version.persona_id, persona_version.number as persona_number,
  newest.seq as last_seq, newest.author as last_author, newest.name as last_name, newest.text as last_text,
  newest.created_at as last_said_at, waiting.since as waiting_since`;

/** Both looks at messages start at the newest one and stop at the first that settles it. */
export const SESSION_TABLES = `
  chat_session
  join persona_version on persona_version.tenant_id = chat_session.tenant_id
    and persona_version.id = chat_session.persona_version_id
  left join app_user as in_charge on in_charge.tenant_id = chat_session.tenant_id
    and in_charge.id = chat_session.owner_user_id
  left join lateral (
    select message.seq, message.author, left(message.text, ${PREVIEW_LENGTH}) as text, message.created_at, writer.name
    from message
    left join app_user as writer on writer.tenant_id = message.tenant_id and writer.id = message.author_user_id
    where message.tenant_id = chat_session.tenant_id and message.session_id = chat_session.id
      and message.kind = 'text'
    order by message.seq desc limit 1
  ) as newest on true
  left join lateral (
    select message.created_at as since from message
    where message.tenant_id = chat_session.tenant_id and message.session_id = chat_session.id
      and chat_session.owner <> 'ai' and chat_session.state = 'open' and message.author in ('visitor', 'user')
      and message.seq > coalesce((
        select answered.seq from message as answered where answered.tenant_id = chat_session.tenant_id
          and answered.session_id = chat_session.id and answered.kind = 'text' and answered.author in ('ai', 'human')
        order by answered.seq desc limit 1), 0)
    order by message.seq limit 1
  ) as waiting on true`;
