import type { Knex } from 'knex';

import { toId, toUuid, type MessageId, type PersonaId, type PersonaVersionId, type SessionId } from '#domain/ids.ts';
import { isLanguage, type Language } from '#domain/languages.ts';
import type { EndedTurn } from '#domain/ended-turn.ts';
import type { Channel, Owner, TurnRef } from '#domain/turn.ts';
import type { ClosingTurn } from '#domain/usage.ts';

import { WAS_TAKEN_OVER } from './look-at-turn.ts';

/** A turn and its session as one statement has read them, at the claim or under their locks: what an end is made of. */
export interface ClosingFacts extends TurnRef {
  state: 'accepted' | 'open' | 'closed';
  sessionId: SessionId;
  channel: Channel;
  language: Language;
  owner: Owner;
  ownerEpoch: number;
  /** Turns of the session without an outcome, this one included. */
  openTurns: number;
  sessionState: 'open' | 'closed';
  stopAt: Date | null;
  /** The number of its newest try. */
  tries: number;
  /** A takeover has kept its words, or a hand-back has settled who answers its message: this turn does not. */
  wasTakenOver: boolean;
  /** Somebody is shown the text while it comes. */
  streams: boolean;
  /** The reply is the first of Bob since the newest hand-back. */
  discloses: boolean;
  nextSeq: number;
  receiptSeq: number;
  receiptHash: string | null;
  /** Gone once the session's content is erased. */
  macKey: Buffer | null;
  sessionCreatedAt: Date;
  lastAt: Date;
  acceptedAt: Date;
  openedAt: Date | null;
  message: { id: MessageId; seq: number; text: string | null };
  bodyHash: string;
  persona: { id: PersonaId; versionId: PersonaVersionId; number: number; contentHash: string; name: string };
}

export interface FactsRow {
  state: ClosingFacts['state'];
  session_id: string;
  channel: Channel;
  language: string;
  owner: Owner;
  owner_epoch: number;
  open_turns: number;
  session_state: ClosingFacts['sessionState'];
  stop_at: Date | null;
  tries: number;
  was_taken_over: boolean;
  streams: boolean;
  discloses: boolean;
  next_seq: number;
  receipt_seq: number;
  receipt_hash: string | null;
  mac_key: Buffer | null;
  session_created_at: Date;
  last_at: Date;
  accepted_at: Date;
  opened_at: Date | null;
  message_id: string;
  message_seq: number;
  text: string | null;
  body_hash: string;
  persona_id: string;
  persona_version_id: string;
  persona_number: number;
  content_hash: string;
  persona_name: string;
}

/** Locks the session, then the turn (the one lock order of the house), and reads both. */
export async function lockTurnWithSession(trx: Knex, turn: TurnRef): Promise<ClosingFacts> {
  const { rows } = await trx.raw<{ rows: FactsRow[] }>(LOCK, { tenantId: turn.tenantId, turnId: toUuid(turn.turnId) });
  const [row] = rows;
  if (row === undefined) throw new Error(`turn ${turn.turnId} does not exist`);
  return readClosingFacts(turn, row);
}

// Only a session that has changed hands is looked through.
const DISCLOSES = `
  chat_session.owner_epoch > 0 and coalesce((select earlier.kind = 'handback' from message as earlier
    where earlier.tenant_id = chat_session.tenant_id and earlier.session_id = chat_session.id
      and (earlier.author = 'ai' or earlier.kind = 'handback')
    order by earlier.seq desc limit 1), false)`;

/** What the ledger is told of a turn that ends. */
export function closingTurnOf(turn: ClosingFacts, ended: Pick<EndedTurn, 'pricebookVersion'>, at: Date): ClosingTurn {
  return {
    tenantId: turn.tenantId,
    turnId: turn.turnId,
    sessionId: turn.sessionId,
    channel: turn.channel,
    source: 'chat',
    personaVersionId: turn.persona.versionId,
    pricebookVersion: ended.pricebookVersion,
    requestHash: turn.bodyHash,
    at,
  };
}

/** What `readClosingFacts` reads of a turn, its session, `message` (the one it answers), acceptance and persona. */
export const FACTS_OF = (turn: 'turn' | 'claimed'): string => `
    ${turn}.state, ${turn}.session_id, ${turn}.accepted_at, ${turn}.opened_at, ${turn}.message_seq, ${turn}.stop_at,
    ${turn}.streams, ${turn}.tries, ${WAS_TAKEN_OVER(turn)} as was_taken_over,
    chat_session.open_turns, chat_session.state as session_state,
    chat_session.channel, chat_session.language, chat_session.owner, chat_session.owner_epoch, chat_session.next_seq,
    chat_session.receipt_seq, chat_session.receipt_hash, chat_session.mac_key, chat_session.last_at,
    chat_session.created_at as session_created_at,
    message.id as message_id, message.text, accepted_message.body_hash, ${DISCLOSES} as discloses,
    persona_version.persona_id, persona_version.id as persona_version_id, persona_version.number as persona_number,
    persona_version.content_hash, persona_version.snapshot -> 'identity' ->> 'name' as persona_name`;

// Each row is named by a key, the session by what its turn says: joined, the planner may walk all sessions of a tenant.
const LOCK = `
  select ${FACTS_OF('turn')}
  from chat_session
  join turn on turn.tenant_id = :tenantId and turn.id = :turnId
  join message on message.tenant_id = :tenantId and message.session_id = chat_session.id
    and message.seq = coalesce(turn.answers_seq, turn.message_seq)
  join accepted_message on accepted_message.tenant_id = :tenantId and accepted_message.turn_id = :turnId
  join persona_version on persona_version.tenant_id = :tenantId
    and persona_version.id = chat_session.persona_version_id
  where chat_session.tenant_id = :tenantId and chat_session.id = (
    select named.session_id from turn as named where named.tenant_id = :tenantId and named.id = :turnId)
  for no key update of chat_session, turn`;

export function readClosingFacts(turn: TurnRef, row: FactsRow): ClosingFacts {
  return {
    tenantId: turn.tenantId,
    turnId: turn.turnId,
    state: row.state,
    sessionId: toId('ses', row.session_id),
    channel: row.channel,
    language: isLanguage(row.language) ? row.language : 'en',
    owner: row.owner,
    ownerEpoch: row.owner_epoch,
    openTurns: row.open_turns,
    sessionState: row.session_state,
    stopAt: row.stop_at,
    tries: row.tries,
    wasTakenOver: row.was_taken_over,
    streams: row.streams,
    discloses: row.discloses,
    nextSeq: row.next_seq,
    receiptSeq: row.receipt_seq,
    receiptHash: row.receipt_hash,
    macKey: row.mac_key,
    sessionCreatedAt: row.session_created_at,
    lastAt: row.last_at,
    acceptedAt: row.accepted_at,
    openedAt: row.opened_at,
    message: { id: toId('msg', row.message_id), seq: row.message_seq, text: row.text },
    bodyHash: row.body_hash,
    persona: {
      id: toId('per', row.persona_id),
      versionId: toId('pvr', row.persona_version_id),
      number: row.persona_number,
      contentHash: row.content_hash,
      name: row.persona_name,
    },
  };
}
