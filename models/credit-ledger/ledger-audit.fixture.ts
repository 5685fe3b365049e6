import type { Knex } from 'knex';

import { firstChainFault } from '#domain/credits/verify-chain.ts';
import { sha256Hex } from '#platform/digest.ts';

import { readChain } from '../read/usage-chain.ts';
import { HEAD_COLUMNS, readHead } from './ledger-head.ts';
import type { HeadRow } from './ledger-head.ts';

/** Each query returns the rows that break its equation; sound books return none. */
const LEDGER_EQUATIONS: Readonly<Record<string, string>> = {
  'R1 entries of a transaction sum to zero': `
    select e.tenant_id, e.seq, sum(e.amount_mc) as difference from ledger_entry e
    group by e.tenant_id, e.seq having sum(e.amount_mc) <> 0`,
  'R2 a grant equals its entries': `
    select g.tenant_id, g.id, g.amount_mc, g.spent_mc, g.expired_mc, coalesce(e.given, 0) as given,
      coalesce(e.taken, 0) as taken
    from credit_grant g left join (
      select e.tenant_id, e.account, sum(e.amount_mc) filter (where e.amount_mc > 0) as given,
        -sum(e.amount_mc) filter (where e.amount_mc < 0) as taken
      from ledger_entry e where e.account like 'grant:%' group by e.tenant_id, e.account
    ) e on e.tenant_id = g.tenant_id and e.account = 'grant:grt_' || replace(g.id::text, '-', '')
    where g.amount_mc <> coalesce(e.given, 0) or g.spent_mc + g.expired_mc <> coalesce(e.taken, 0)`,
  'R2 the head holds the balance and the number of transactions': `
    select h.tenant_id, h.balance_mc, h.seq from ledger_head h
    where h.balance_mc <> (select coalesce(sum(g.amount_mc - g.spent_mc - g.expired_mc), 0) from credit_grant g
        where g.tenant_id = h.tenant_id)
      or h.seq <> (select count(*) from ledger_tx t where t.tenant_id = h.tenant_id)
      or h.seq <> (select coalesce(max(t.seq), 0) from ledger_tx t where t.tenant_id = h.tenant_id)`,
  'R3 lines equal usage entries, per period': `
    select coalesce(l.tenant_id, u.tenant_id) as tenant_id, coalesce(l.period_no, u.period_no) as period_no,
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
  'R3 a turn costs what its lines say': `
    select h.tenant_id, h.turn_id, h.settled_mc from credit_hold h
    where h.state <> 'held' and h.settled_mc <> (select coalesce(sum(l.amount_mc), 0) from usage_line l
      where l.tenant_id = h.tenant_id and l.turn_id = h.turn_id)`,
  'R4 held equals open holds and what the inbox gives back': `
    select s.tenant_id, coalesce(g.held, 0) as held, coalesce(h.reserved, 0) + coalesce(i.unhold, 0) as expected
    from subscription s
    left join (select g.tenant_id, sum(g.held_mc) as held from credit_grant g group by 1) g on g.tenant_id = s.tenant_id
    left join (select h.tenant_id, sum(h.reserved_mc) as reserved from credit_hold h
      where h.state = 'held' and h.lapsed_at is null group by 1) h on h.tenant_id = s.tenant_id
    left join (select i.tenant_id, sum(i.unhold_mc) as unhold from ledger_inbox i group by 1) i
      on i.tenant_id = s.tenant_id
    where coalesce(g.held, 0) <> coalesce(h.reserved, 0) + coalesce(i.unhold, 0)`,
  'R5 a line is what its public version makes of it': `
    select l.tenant_id, l.doc_id, l.pos, l.sku, l.amount_mc from usage_line l
    join pricebook_version b on b.version = l.pricebook_version
    where l.kind in ('llm', 'tool') and (
      l.rates is distinct from (
        select r -> 'ucr_per_1k' from jsonb_array_elements(cast(b.content as jsonb) -> 'rates') r
        where r ->> 'sku' in (l.sku, split_part(l.sku, ':', 1) || ':*') order by (r ->> 'sku' = l.sku) desc limit 1)
      or l.raw_ucr <> (select sum(cast(p.value as numeric) * cast(l.rates ->> p.key as numeric))
        from jsonb_each_text(l.pools) p)
      or l.amount_mc <> case when l.waived is null then ceil(l.raw_ucr / 1000000.0) else 0 end)`,
  'R5 a minimum line lifts its turn to the minimum': `
    select l.tenant_id, l.doc_id, l.amount_mc from usage_line l
    join pricebook_version b on b.version = l.pricebook_version
    where l.kind = 'minimum' and (select sum(o.amount_mc) from usage_line o
      where o.tenant_id = l.tenant_id and o.doc_id = l.doc_id)
      <> cast(cast(b.content as jsonb) -> 'rules' ->> 'minimum_turn_mc' as bigint)`,
  'M6 every ended turn is sealed once, or waits in the inbox': `
    select h.tenant_id, h.turn_id, h.state from credit_hold h
    where (h.state <> 'held') <> (1 = (
        select count(*) from ledger_tx t where t.tenant_id = h.tenant_id and t.kind in ('settle', 'release')
          and t.doc_id = 'trn_' || replace(h.turn_id::text, '-', '')
      ) + (
        select count(*) from ledger_inbox i where i.tenant_id = h.tenant_id and i.turn_id = h.turn_id
          and i.kind in ('settle', 'release')))`,
};

/** Which equations do not hold, and which ledger does not verify; empty for sound books. */
export async function auditBooks(knex: Knex): Promise<string[]> {
  const faults: string[] = [];
  await knex.transaction(
    async (trx) => {
      for (const [name, sql] of Object.entries(LEDGER_EQUATIONS)) {
        const { rows } = await trx.raw<{ rows: unknown[] }>(sql);
        if (rows.length > 0) faults.push(`${name}: ${JSON.stringify(rows.slice(0, 3))}`);
      }
      const { rows } = await trx.raw<{ rows: HeadRow[] }>(`select ${HEAD_COLUMNS} from ledger_head h`);
      for (const head of rows.map(readHead)) {
        const fault = firstChainFault(sha256Hex, await readChain(trx, head));
        if (fault !== null) faults.push(`chain of ${head.tenantId}: ${JSON.stringify(fault)}`);
      }
    },
    { isolationLevel: 'repeatable read' },
  );
  return faults;
}
