import type { Knex } from 'knex';

import {
  toId,
  toUuid,
  type MessageId,
  type PersonaId,
  type PersonaVersionId,
  type SessionId,
  type TurnId,
} from '#domain/ids.ts';
import type { Language } from '#domain/languages.ts';
import type { PersonaSnapshot } from '#domain/persona.ts';
import type { HistoryMessage } from '#domain/prompt.ts';
import { OPEN_TURNS_MAX, type Channel, type MessageAuthor, type Owner, type TurnRef } from '#domain/turn.ts';
import type { ModelCall } from '#domain/usage.ts';

import { FACTS_OF, readClosingFacts, type ClosingFacts, type FactsRow } from './closing-facts.ts';
import { LATER_TURN, LEASE_SECONDS } from './look-at-turn.ts';
import { readFailedAttempt, type AttemptRow } from './provider-attempt.ts';

/** Everything a turn needs to know before it may call the model. */
export interface OpenedTurn extends TurnRef {
  sessionId: SessionId;
  channel: Channel;
  messageSeq: number;
  message: { id: MessageId; text: string };
  bodyHash: string;
  /** Earlier messages, oldest first. */
  history: HistoryMessage[];
  owner: Owner;
  ownerEpoch: number;
  language: Language;
  persona: {
    id: PersonaId;
    versionId: PersonaVersionId;
    number: number;
    contentHash: string;
    snapshot: PersonaSnapshot;
  };
  /** The open billing period's version; null when the period has to be opened first. */
  pricebookVersion: number | null;
  policyHash: string | null;
  /** Which try this is; its chunks carry the number. */
  attempt: number;
  /** Somebody is shown the text while it comes. */
  streams: boolean;
  /** An earlier try has shown some of an answer. */
  wasShown: boolean;
  /** A takeover has kept its words, or a hand-back has settled who answers its message: this turn does not. */
  wasTakenOver: boolean;
  /** The visitor stopped it, or its session was closed, before this try began. */
  isStopped: boolean;
  /** The tenant was suspended before the first try: what runs by then is finished. */
  isSuspended: boolean;
  /** The newest later turn of the session, if there is one. */
  laterTurnId: TurnId | null;
  /** Model calls of earlier tries, oldest first: counted against the persona's attempts, never charged. */
  failedCalls: ModelCall[];
  /** Turn and session as of the claim: an end composed from these is true while nothing of them has changed. */
  facts: ClosingFacts;
}

interface OpenedRow extends FactsRow {
  text: string;
  history: { author: MessageAuthor; text: string }[];
  snapshot: PersonaSnapshot;
  pricebook_version: number | null;
  policy_hash: string | null;
  was_shown: boolean;
  is_suspended: boolean;
  later_turn_id: string | null;
  failed_calls: AttemptRow[];
}

const HISTORY_MAX = 80;

/**
 * Takes the turn's lease and reads all of it, in one round trip. Null where the turn is closed, an earlier one of its
 * session is not, or another process holds the lease: leases go by the database's clock, the only one that all share.
 */
export async function openTurn(
  knex: Knex,
  turn: TurnRef,
  { lease, at }: { lease: string; at: Date },
): Promise<OpenedTurn | null> {
  const { rows } = await knex.raw<{ rows: OpenedRow[] }>(OPEN, {
    tenantId: turn.tenantId,
    turnId: toUuid(turn.turnId),
    lease,
    at,
    historyMax: HISTORY_MAX,
    openTurnsMax: OPEN_TURNS_MAX,
  });
  const [row] = rows;
  return row === undefined ? null : readOpened(turn, row);
}

/** The turn just before this one, if it has not ended: hand-overs of a burst may overtake each other on their way. */
export async function turnBefore(knex: Knex, turn: TurnRef): Promise<TurnRef | null> {
  const { rows } = await knex.raw<{ rows: { id: string; state: string }[] }>(
    `select before.id, before.state from turn
     join turn as before on before.tenant_id = turn.tenant_id and before.session_id = turn.session_id
       and before.message_seq < turn.message_seq
     where turn.tenant_id = ? and turn.id = ? order by before.message_seq desc limit 1`,
    [turn.tenantId, toUuid(turn.turnId)],
  );
  const [row] = rows;
  return row === undefined || row.state === 'closed' ? null : { ...turn, turnId: toId('trn', row.id) };
}

// One look at the index: whoever stands before it was claimed by the same rule.
const BEFORE = `select before.state from turn as before where before.tenant_id = turn.tenant_id
  and before.session_id = turn.session_id and before.message_seq < turn.message_seq order by before.message_seq desc`;

// In a burst the replies to earlier messages stand behind this one: each is put back beside what it answers. At most a
// few turns of a session are open, so a bounded look past this message finds all of them. A hand-back turn answers a
// message that stands before the line it hangs on: that line belongs to its history.
const HISTORY = `(
  select coalesce(jsonb_agg(jsonb_build_object('author', earlier.author, 'text', earlier.text)
    order by coalesce(answered.message_seq, earlier.seq), earlier.seq), '[]')
  from (
    select said.seq, said.author, said.text, said.turn_id, said.tenant_id, said.kind from message as said
    where said.tenant_id = claimed.tenant_id and said.session_id = claimed.session_id
      and said.seq < claimed.message_seq + 2 * :openTurnsMax and said.text is not null
      and (said.kind = 'handback' or said.kind = 'text' and said.author <> 'system')
    order by said.seq desc limit :historyMax
  ) as earlier
  left join turn as answered on answered.tenant_id = earlier.tenant_id and answered.id = earlier.turn_id
  where coalesce(answered.message_seq, earlier.seq) < claimed.answers_seq
    or earlier.kind = 'handback' and earlier.seq = claimed.message_seq
)`;

// What a parameter can name is asked by parameter: joined, the planner may walk a whole tenant instead of one row.
// Nobody waits for the disk here: a first claim is followed by its hold, whose commit takes all before it along, and
// before that no model is called and no word leaves. The hold of a later try may stand already.
const OPEN = `
  with claimed as (
    update turn set state = 'open', opened_at = coalesce(turn.opened_at, greatest(:at, turn.accepted_at)),
      lease_token = :lease, lease_until = now() + interval '${LEASE_SECONDS} seconds', tries = turn.tries + 1
    where turn.tenant_id = :tenantId and turn.id = :turnId and turn.state <> 'closed'
      and (turn.lease_until is null or turn.lease_until < now() or turn.lease_token = :lease)
      and coalesce((${BEFORE} limit 1), 'closed') = 'closed'
    returning turn.tenant_id, turn.id, turn.session_id, turn.message_seq, turn.state, turn.accepted_at,
      turn.opened_at, turn.stop_at, turn.streams, turn.tries,
      coalesce(turn.answers_seq, turn.message_seq) as answers_seq,
      case when turn.tries = 1 then set_config('synchronous_commit', 'off', true) end as unhurried
  )
  select ${FACTS_OF('claimed')},
    claimed.tries = 1 and exists (select from tenant
      where tenant.id = :tenantId and tenant.status = 'suspended') as is_suspended,
    claimed.streams and claimed.tries > 1 and exists (select from reply_chunk
      where reply_chunk.tenant_id = claimed.tenant_id and reply_chunk.turn_id = claimed.id) as was_shown,
    case when chat_session.open_turns > 1 then (${LATER_TURN('claimed')}) end as later_turn_id,
    persona_version.snapshot,
    (select billing_period.pricebook_version from billing_period where billing_period.tenant_id = claimed.tenant_id
       and billing_period.starts_at <= :at and :at < billing_period.ends_at) as pricebook_version,
    (select policy_set.hash from policy_set where policy_set.layer = 'operator'
       order by policy_set.version desc limit 1) as policy_hash,
    (select coalesce(jsonb_agg(to_jsonb(provider_attempt) order by provider_attempt.attempt,
      provider_attempt.step), '[]') from provider_attempt
       where provider_attempt.tenant_id = claimed.tenant_id and provider_attempt.turn_id = claimed.id) as failed_calls,
    ${HISTORY} as history
  from claimed
  join chat_session on chat_session.tenant_id = claimed.tenant_id and chat_session.id = claimed.session_id
  join message on message.tenant_id = claimed.tenant_id and message.session_id = claimed.session_id
    and message.seq = claimed.answers_seq
  join accepted_message on accepted_message.tenant_id = :tenantId and accepted_message.turn_id = :turnId
  join persona_version on persona_version.tenant_id = chat_session.tenant_id
    and persona_version.id = chat_session.persona_version_id`;

/** The words of a person of the team stand where Bob's would: the visitor was answered. */
const ROLES: Readonly<Record<MessageAuthor, HistoryMessage['role']>> = {
  visitor: 'user',
  user: 'user',
  ai: 'assistant',
  human: 'assistant',
  system: 'system',
};

function readOpened(turn: TurnRef, row: OpenedRow): OpenedTurn {
  const facts = readClosingFacts(turn, row);
  const { persona } = facts;
  return {
    tenantId: turn.tenantId,
    turnId: turn.turnId,
    sessionId: facts.sessionId,
    channel: facts.channel,
    messageSeq: row.message_seq,
    message: { id: facts.message.id, text: row.text },
    bodyHash: facts.bodyHash,
    history: row.history.map(({ author, text }) => ({ role: ROLES[author], text })),
    owner: facts.owner,
    ownerEpoch: facts.ownerEpoch,
    language: facts.language,
    persona: { ...persona, snapshot: row.snapshot },
    pricebookVersion: row.pricebook_version,
    policyHash: row.policy_hash,
    attempt: facts.tries,
    streams: facts.streams,
    wasShown: row.was_shown,
    wasTakenOver: facts.wasTakenOver,
    isStopped: facts.stopAt !== null || facts.sessionState === 'closed',
    isSuspended: row.is_suspended,
    laterTurnId: row.later_turn_id === null ? null : toId('trn', row.later_turn_id),
    failedCalls: row.failed_calls.map(readFailedAttempt),
    facts,
  };
}
