import type { Check } from './invariant.ts';

// Every change of owner of every session, in order, from the audit log: who spoke from when to when.
const CHANGES = `
  select a.tenant_id, a.object_id, a.at, cast(a.before ->> 'owner_epoch' as integer) as epoch_before,
    cast(a.after ->> 'owner_epoch' as integer) as epoch, a.before ->> 'owner' as owner_before,
    a.after ->> 'owner' as owner, a.after ->> 'owner_user_id' as user_id, a.after ->> 'state' as state,
    lead(a.at) over (partition by a.tenant_id, a.object_id
      order by cast(a.after ->> 'owner_epoch' as integer)) as until
  from audit_event a where a.object_type = 'session' and a.after ? 'owner_epoch'`;

const ID_OF = (column: string): string => `'ses_' || replace(${column}::text, '-', '')`;

/** I2: between a takeover and its hand-back there is no word of Bob. */
export const silenceOfBob: readonly Check[] = [
  {
    says: 'Bob is silent after a takeover',
    sql: `select s.tenant_id, s.id as session_id, m.seq, m.created_at from chat_session s
      join message m on m.tenant_id = s.tenant_id and m.session_id = s.id and m.author = 'ai'
      where s.owner = 'human' and m.created_at > s.owner_since`,
  },
  {
    says: 'Bob is silent between a takeover and its hand-back',
    sql: `select c.tenant_id, c.object_id as session_id, c.epoch, m.seq, m.created_at from (${CHANGES}) c
      join message m on m.tenant_id = c.tenant_id and ${ID_OF('m.session_id')} = c.object_id and m.author = 'ai'
        and m.created_at > c.at and (c.until is null or m.created_at < c.until)
      where c.owner = 'human'`,
  },
  {
    says: 'after a word of a person Bob speaks only behind a hand-back',
    sql: `select m.tenant_id, m.session_id, m.seq, m.human_before, m.handback_before from (
        select m.tenant_id, m.session_id, m.seq, m.author,
          max(m.seq) filter (where m.author = 'human' and m.kind = 'text') over earlier as human_before,
          max(m.seq) filter (where m.kind = 'handback') over earlier as handback_before
        from message m window earlier as (partition by m.tenant_id, m.session_id order by m.seq)
      ) m where m.author = 'ai' and m.human_before > coalesce(m.handback_before, 0)`,
  },
  {
    says: 'only an answer that a person or a stop ended is cut',
    sql: `select m.tenant_id, m.session_id, m.seq, t.outcome from message m
      left join turn t on t.tenant_id = m.tenant_id and t.id = m.turn_id
      where m.cut and (m.author <> 'ai' or t.id is null
        or t.state = 'closed' and t.outcome <> 'suppressed_by_human' and t.stop_at is null)`,
  },
  {
    says: 'what a person withheld shows no more than was cut',
    sql: `select t.tenant_id, t.id as turn_id, m.seq from turn t
      join message m on m.tenant_id = t.tenant_id and m.session_id = t.session_id and m.seq = t.reply_seq
      where t.outcome = 'suppressed_by_human' and not m.cut`,
  },
];

/** I3: a hand-back's turn hangs on the hand-back and answers an earlier message of a visitor. */
export const handbacksAreWhole: readonly Check[] = [
  {
    says: 'a turn hangs on the message it answers, or on the hand-back that answers an earlier one',
    sql: `select t.tenant_id, t.id as turn_id, t.message_seq, t.answers_seq from turn t
      join message m on m.tenant_id = t.tenant_id and m.session_id = t.session_id and m.seq = t.message_seq
      left join message asked on asked.tenant_id = t.tenant_id and asked.session_id = t.session_id
        and asked.seq = coalesce(t.answers_seq, t.message_seq)
      where (t.answers_seq is not null) <> (m.kind = 'handback') or t.answers_seq >= t.message_seq
        or asked.author is null or asked.author not in ('visitor', 'user')`,
  },
  {
    says: 'each hand-back on record has its line in the conversation, and told the visitor again who speaks',
    sql: `select s.tenant_id, s.id as session_id, back.times, line.times as lines, shown.times as disclosed
      from chat_session s
      cross join lateral (select count(*) as times from message m where m.tenant_id = s.tenant_id
        and m.session_id = s.id and m.kind = 'handback') line
      left join (select a.tenant_id, a.object_id, count(*) as times from audit_event a
        where a.action = 'session.handed_back' group by a.tenant_id, a.object_id) back
        on back.tenant_id = s.tenant_id and back.object_id = ${ID_OF('s.id')}
      cross join lateral (select count(*) as times from disclosure_shown d where d.tenant_id = s.tenant_id
        and d.session_id = s.id) shown
      where coalesce(back.times, 0) <> line.times or line.times > 0 and shown.times < line.times + 1`,
  },
];

/** I7: whoever speaks, it is on record who made it so. */
export const ownerChangesAreAudited: readonly Check[] = [
  {
    says: 'every change of owner has its audit row, epoch by epoch',
    sql: `select s.tenant_id, s.id as session_id, s.owner_epoch, c.changes, c.last from chat_session s
      left join (select c.tenant_id, c.object_id, count(*) as changes, min(c.epoch) as first, max(c.epoch) as last,
          count(distinct c.epoch) as epochs, bool_and(c.epoch = c.epoch_before + 1) as stepwise
        from (${CHANGES}) c group by c.tenant_id, c.object_id) c
        on c.tenant_id = s.tenant_id and c.object_id = ${ID_OF('s.id')}
      where coalesce(c.changes, 0) <> s.owner_epoch or coalesce(c.epochs, 0) <> s.owner_epoch
        or coalesce(c.last, 0) <> s.owner_epoch or c.first <> 1 or not c.stepwise`,
  },
  {
    says: 'who speaks is who the last audit row says',
    sql: `select s.tenant_id, s.id as session_id, s.owner, c.owner as audited from chat_session s
      join (${CHANGES}) c on c.tenant_id = s.tenant_id and c.object_id = ${ID_OF('s.id')} and c.epoch = s.owner_epoch
      where c.owner <> s.owner or c.state <> s.state
        or c.user_id is distinct from 'usr_' || replace(s.owner_user_id::text, '-', '')`,
  },
  {
    says: 'an open hand-off belongs to a session that a person has, or waits for one, and each of these has one',
    sql: `select s.tenant_id, s.id as session_id, s.owner, h.id as handoff_id from chat_session s
      left join handoff h on h.tenant_id = s.tenant_id and h.session_id = s.id and h.ended_at is null
      where (s.owner <> 'ai' and s.state = 'open') <> (h.id is not null)`,
  },
];
