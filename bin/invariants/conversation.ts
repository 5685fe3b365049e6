import type { Invariant } from './invariant.ts';
import { handbacksAreWhole, silenceOfBob } from './ownership.ts';

export const everyMessageHasOneOutcome: Invariant = {
  id: 'I1',
  says: 'each accepted message has exactly one outcome: its reply, or a recorded end',
  subjects: { noun: 'accepted messages', sql: 'select count(*) from accepted_message' },
  checks: [
    {
      says: 'every message of a visitor or user was accepted once, for one turn',
      sql: `select m.tenant_id, m.id as message_id from message m
        left join accepted_message a on a.tenant_id = m.tenant_id and a.message_id = m.id and a.turn_id = m.turn_id
        where m.author in ('visitor', 'user')
        group by m.tenant_id, m.id having count(a.message_id) <> 1`,
    },
    {
      says: 'every accepted message is the message its turn answers',
      sql: `select a.tenant_id, a.turn_id, a.message_id from accepted_message a
        where not exists (select from turn t
          join message m on m.tenant_id = t.tenant_id and m.session_id = t.session_id and m.seq = t.message_seq
          where t.tenant_id = a.tenant_id and t.id = a.turn_id and m.id = a.message_id)`,
    },
    {
      says: 'a turn has the one reply it names, and no other',
      sql: `select t.tenant_id, t.id as turn_id, t.outcome, t.reply_seq, count(m.seq) as replies from turn t
        left join message m on m.tenant_id = t.tenant_id and m.turn_id = t.id and m.author not in ('visitor', 'user')
          and not (m.cut and t.state <> 'closed')
        group by t.tenant_id, t.id
        having count(m.seq) <> (t.reply_seq is not null)::integer
          or count(m.seq) filter (where m.seq = t.reply_seq and m.session_id = t.session_id) <> count(m.seq)`,
    },
    {
      says: 'a turn that answered has its words',
      sql: `select t.tenant_id, t.id as turn_id, t.outcome from turn t
        where t.outcome in ('answered', 'refused', 'credit_stopped', 'failed') and t.reply_seq is null
          and t.stop_at is null`,
    },
    {
      says: 'every turn has ended',
      settledOnly: true,
      sql: `select t.tenant_id, t.id as turn_id, t.state, t.accepted_at from turn t where t.state <> 'closed'`,
    },
  ],
};

export const everyReplyHasItsMessage: Invariant = {
  id: 'I2',
  says: 'no reply without an accepted message, none by Bob while a person is in charge',
  subjects: { noun: 'replies', sql: `select count(*) from message m where m.author = 'ai'` },
  checks: [
    {
      says: 'every reply belongs to the turn of an accepted message of its session',
      sql: `select m.tenant_id, m.session_id, m.seq from message m
        where m.author = 'ai' and not exists (select from turn t
          join accepted_message a on a.tenant_id = t.tenant_id and a.turn_id = t.id
          where t.tenant_id = m.tenant_id and t.id = m.turn_id and t.session_id = m.session_id
            and (t.reply_seq = m.seq and t.state = 'closed' or m.cut and t.state = 'open'))`,
    },
    ...silenceOfBob,
  ],
};

export const orderIsOrderOfAcceptance: Invariant = {
  id: 'I3',
  says: 'the order of a session is the order of acceptance, and its numbers have no gap',
  subjects: { noun: 'sessions', sql: 'select count(*) from chat_session' },
  checks: [
    {
      says: 'messages count from 1 to next_seq - 1',
      sql: `select s.tenant_id, s.id as session_id, s.next_seq, count(m.seq) as messages, max(m.seq) as last
        from chat_session s left join message m on m.tenant_id = s.tenant_id and m.session_id = s.id
        group by s.tenant_id, s.id
        having count(m.seq) <> s.next_seq - 1 or coalesce(min(m.seq), 1) <> 1
          or coalesce(max(m.seq), 0) <> s.next_seq - 1`,
    },
    {
      says: 'turns of a session are accepted, opened and answered in the order of their messages',
      sql: `select later.tenant_id, later.session_id, later.message_seq from (
          select t.tenant_id, t.session_id, t.message_seq, t.reply_seq, t.accepted_at, t.opened_at, t.closed_at,
            max(t.accepted_at) over earlier as accepted_before, max(t.reply_seq) over earlier as replied_before,
            max(t.closed_at) over earlier as closed_before
          from turn t
          window earlier as (partition by t.tenant_id, t.session_id order by t.message_seq
            rows between unbounded preceding and 1 preceding)
        ) later
        where later.accepted_at < later.accepted_before or later.reply_seq < later.replied_before
          or later.closed_at < later.closed_before or later.reply_seq < later.message_seq`,
    },
    {
      says: 'times of a session never run backwards',
      sql: `select m.tenant_id, m.session_id, m.seq from (
          select m.tenant_id, m.session_id, m.seq, m.created_at,
            lag(m.created_at) over (partition by m.tenant_id, m.session_id order by m.seq) as before from message m
        ) m where m.created_at < m.before`,
    },
    ...handbacksAreWhole,
  ],
};
