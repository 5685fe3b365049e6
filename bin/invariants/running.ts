import type { Invariant } from './invariant.ts';

/** What a live process would have renewed, or the sweeper picked up, long before. */
const FORGOTTEN = `interval '60 seconds'`;

export const nothingIsForgotten: Invariant = {
  id: 'I8',
  says: 'no open turn without a process that drives it, and no session that lost count',
  subjects: { noun: 'turns under way', sql: `select count(*) from turn t where t.state <> 'closed'` },
  checks: [
    {
      says: 'an open turn has a lease that somebody renews',
      sql: `select t.tenant_id, t.id as turn_id, t.opened_at, t.lease_until from turn t
        where t.state = 'open' and (t.lease_until is null or t.lease_until < now() - ${FORGOTTEN})`,
    },
    {
      says: 'a waiting turn waits for the one that runs',
      sql: `select t.tenant_id, t.id as turn_id, t.accepted_at from turn t
        where t.state = 'accepted' and t.accepted_at < now() - ${FORGOTTEN}
          and not exists (select from turn r where r.tenant_id = t.tenant_id and r.session_id = t.session_id
            and r.state = 'open' and r.lease_until > now() - ${FORGOTTEN})`,
    },
    {
      says: 'one turn of a session runs at a time',
      sql: `select t.tenant_id, t.session_id, count(*) as open from turn t where t.state = 'open'
        group by t.tenant_id, t.session_id having count(*) > 1`,
    },
    {
      says: 'a closed turn has no lease',
      sql: `select t.tenant_id, t.id as turn_id, t.lease_until from turn t
        where t.state = 'closed' and (t.lease_token is not null or t.lease_until is not null)`,
    },
    {
      says: 'open_turns counts the turns that have not ended',
      sql: `select s.tenant_id, s.id as session_id, s.open_turns, count(t.id) as unfinished from chat_session s
        left join turn t on t.tenant_id = s.tenant_id and t.session_id = s.id and t.state <> 'closed'
        group by s.tenant_id, s.id having s.open_turns <> count(t.id)`,
    },
  ],
};
