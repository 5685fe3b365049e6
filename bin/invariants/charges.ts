import type { Invariant } from './invariant.ts';
import { firstWrongPrices } from './re-rate-lines.ts';

export const everyMillicreditIsExplained: Invariant = {
  id: 'I4',
  says: 'each turn is charged once, at its published price, and the books add up',
  subjects: { noun: 'holds', sql: 'select count(*) from credit_hold' },
  walks: [{ says: 'R5 each line costs what its published pricebook version makes of it', walk: firstWrongPrices }],
  checks: [
    {
      says: 'a closed turn has one settled or released hold, and costs what the hold says',
      sql: `select t.tenant_id, t.id as turn_id, t.outcome, t.charged_mc, h.state, h.settled_mc from turn t
        left join credit_hold h on h.tenant_id = t.tenant_id and h.turn_id = t.id
        where t.state = 'closed' and (h.state is distinct from 'settled' and h.state is distinct from 'released'
          or t.charged_mc is distinct from h.settled_mc or h.state = 'released' and h.settled_mc <> 0)`,
    },
    {
      says: 'a turn that has not ended has no ended hold',
      sql: `select t.tenant_id, t.id as turn_id, h.state from turn t
        join credit_hold h on h.tenant_id = t.tenant_id and h.turn_id = t.id
        where t.state <> 'closed' and h.state <> 'held'`,
    },
    {
      says: 'R1 the entries of a transaction sum to zero, and a charge moves what it names',
      sql: `select t.tenant_id, t.seq, t.kind, t.amount_mc, coalesce(sum(e.amount_mc), 0) as difference
        from ledger_tx t left join ledger_entry e on e.tenant_id = t.tenant_id and e.seq = t.seq
        group by t.tenant_id, t.seq
        having coalesce(sum(e.amount_mc), 0) <> 0 or t.kind = 'settle'
          and t.amount_mc <> coalesce(sum(e.amount_mc) filter (where e.account = 'usage'), 0)`,
    },
    {
      says: 'R2 a grant equals its entries, and nothing of it is negative or overdrawn',
      sql: `select g.tenant_id, g.id as grant_id, g.amount_mc, g.held_mc, g.spent_mc, g.expired_mc,
          coalesce(e.given, 0) as given, coalesce(e.taken, 0) as taken
        from credit_grant g left join (
          select e.tenant_id, e.account, sum(e.amount_mc) filter (where e.amount_mc > 0) as given,
            -sum(e.amount_mc) filter (where e.amount_mc < 0) as taken
          from ledger_entry e where e.account like 'grant:%' group by e.tenant_id, e.account
        ) e on e.tenant_id = g.tenant_id and e.account = 'grant:grt_' || replace(g.id::text, '-', '')
        where g.amount_mc <> coalesce(e.given, 0) or g.spent_mc + g.expired_mc <> coalesce(e.taken, 0)
          or least(g.amount_mc, g.held_mc, g.spent_mc, g.expired_mc) < 0
          or g.held_mc + g.spent_mc + g.expired_mc > g.amount_mc`,
    },
    {
      says: 'R2 the balance is grants - charges, never below 0',
      sql: `select h.tenant_id, h.balance_mc, granted.left_mc, entries.left_mc as by_entries from ledger_head h
        cross join lateral (select coalesce(sum(g.amount_mc - g.spent_mc - g.expired_mc), 0) as left_mc
          from credit_grant g where g.tenant_id = h.tenant_id) granted
        cross join lateral (select coalesce(sum(e.amount_mc), 0) as left_mc from ledger_entry e
          where e.tenant_id = h.tenant_id and e.account like 'grant:%') entries
        where h.balance_mc <> granted.left_mc or h.balance_mc <> entries.left_mc or h.balance_mc < 0`,
    },
    {
      says: 'R2 no entry stands on a grant that does not exist',
      sql: `select e.tenant_id, e.seq, e.account from ledger_entry e
        where e.account like 'grant:%' and not exists (select from credit_grant g
          where g.tenant_id = e.tenant_id and e.account = 'grant:grt_' || replace(g.id::text, '-', ''))`,
    },
    {
      says: 'R3 the lines of a period are its usage entries',
      sql: `select coalesce(l.tenant_id, u.tenant_id) as tenant_id, coalesce(l.period_no, u.period_no) as period_no,
          l.total as lines, u.total as entries
        from (
          select h.tenant_id, h.period_no, sum(l.amount_mc) as total from usage_line l
          join credit_hold h on h.tenant_id = l.tenant_id and h.turn_id = l.turn_id
          where not exists (select from ledger_inbox i where i.tenant_id = l.tenant_id and i.turn_id = l.turn_id
            and i.kind <> 'lapse')
          group by h.tenant_id, h.period_no having sum(l.amount_mc) <> 0
        ) l full join (
          select t.tenant_id, t.period_no, sum(e.amount_mc) as total from ledger_tx t
          join ledger_entry e on e.tenant_id = t.tenant_id and e.seq = t.seq where e.account = 'usage'
          group by t.tenant_id, t.period_no
        ) u on u.tenant_id = l.tenant_id and u.period_no = l.period_no
        where l.total is distinct from u.total`,
    },
    {
      says: 'R3 a turn costs the sum of its lines',
      sql: `select h.tenant_id, h.turn_id, h.settled_mc, coalesce(sum(l.amount_mc), 0) as lines from credit_hold h
        left join usage_line l on l.tenant_id = h.tenant_id and l.turn_id = h.turn_id
        where h.state <> 'held' group by h.tenant_id, h.turn_id
        having h.settled_mc is distinct from coalesce(sum(l.amount_mc), 0)`,
    },
    {
      says: 'R4 what is held is what open holds reserved and what the inbox gives back',
      sql: `select s.tenant_id, coalesce(g.held, 0) as held, coalesce(h.reserved, 0) as reserved,
          coalesce(i.unhold, 0) as in_the_inbox
        from subscription s
        left join (select g.tenant_id, sum(g.held_mc) as held from credit_grant g group by 1) g
          on g.tenant_id = s.tenant_id
        left join (select h.tenant_id, sum(h.reserved_mc) as reserved from credit_hold h
          where h.state = 'held' and h.lapsed_at is null group by 1) h on h.tenant_id = s.tenant_id
        left join (select i.tenant_id, sum(i.unhold_mc) as unhold from ledger_inbox i group by 1) i
          on i.tenant_id = s.tenant_id
        where coalesce(g.held, 0) <> coalesce(h.reserved, 0) + coalesce(i.unhold, 0)`,
    },
    {
      says: 'every ended hold is in the ledger once, or waits in the inbox',
      sql: `select h.tenant_id, h.turn_id, h.state from credit_hold h
        where (h.state <> 'held')::integer <> (select count(*) from ledger_tx t where t.tenant_id = h.tenant_id
            and t.kind in ('settle', 'release') and t.doc_id = 'trn_' || replace(h.turn_id::text, '-', ''))
          + (select count(*) from ledger_inbox i where i.tenant_id = h.tenant_id and i.turn_id = h.turn_id
            and i.kind in ('settle', 'release'))`,
    },
    {
      says: 'no hold is open and the inbox is empty',
      settledOnly: true,
      sql: `select h.tenant_id, h.turn_id, h.state as what from credit_hold h where h.state = 'held'
        union all select i.tenant_id, i.turn_id, i.kind from ledger_inbox i`,
    },
  ],
};

export const everyChargeHasItsCall: Invariant = {
  id: 'I5',
  says: 'each charge has its model call on record, and a retried call is charged once',
  subjects: { noun: 'model calls', sql: 'select count(*) from provider_attempt' },
  checks: [
    {
      says: 'a charged line has a billed call of the same turn, step, rate and provider id',
      sql: `select l.tenant_id, l.turn_id, l.pos, l.sku, l.amount_mc from usage_line l
        where l.kind = 'llm' and l.waived is null and not exists (select from provider_attempt p
          where p.tenant_id = l.tenant_id and p.turn_id = l.turn_id and p.step = l.step and p.sku = l.sku and p.billed
            and p.provider_request_id is not distinct from l.provider_request_id)`,
    },
    {
      says: 'a billed call is charged by one line',
      sql: `select p.tenant_id, p.turn_id, p.step, p.attempt from provider_attempt p
        where p.billed and 1 <> (select count(*) from usage_line l where l.tenant_id = p.tenant_id
          and l.turn_id = p.turn_id and l.step = p.step and l.kind = 'llm' and l.waived is null)`,
    },
    {
      says: 'a call that failed or was lost is billed to nobody',
      sql: `select p.tenant_id, p.turn_id, p.step, p.attempt, p.outcome from provider_attempt p
        where p.billed <> (p.outcome = 'delivered')`,
    },
  ],
};
