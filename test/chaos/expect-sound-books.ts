import type { Knex } from 'knex';
import { expect } from 'vitest';

import { type CanonicalValue, canonicalJson } from '#domain/canonical-json.ts';
import { sha256Hex } from '#platform/digest.ts';

import { expectEventsTold } from '../fixtures/expect-events-told.ts';
import { auditBooks } from '../../models/credit-ledger/ledger-audit.fixture.ts';

type Row = Record<string, unknown>;

async function rowsOf<T extends object = Row>(knex: Knex, sql: string): Promise<T[]> {
  const { rows } = await knex.raw<{ rows: T[] }>(sql);
  return rows;
}

/** Every message has one reply and one outcome, in order and without a gap, and nothing is left open. */
export async function expectOneReplyEach(
  knex: Knex,
  { sessions, turnsEach }: { sessions: number; turnsEach: number },
): Promise<void> {
  const turns = sessions * turnsEach;
  const counts = await rowsOf(
    knex,
    `
    select (select count(*)::integer from accepted_message) as accepted,
      (select count(*)::integer from turn where state = 'closed' and outcome = 'answered') as answered,
      (select count(*)::integer from turn) as turns,
      (select count(*)::integer from message where author = 'visitor') as messages,
      (select count(distinct turn_id)::integer from message where author = 'ai') as turns_replied,
      (select count(*)::integer from message where author = 'ai') as replies,
      (select count(*)::integer from turn_receipt) as receipts,
      (select count(*)::integer from credit_hold where state = 'settled') as settled,
      (select count(*)::integer from credit_hold) as holds`,
  );
  const all = { accepted: turns, answered: turns, turns, messages: turns, turns_replied: turns, replies: turns };
  expect(counts).toEqual([{ ...all, receipts: turns, settled: turns, holds: turns }]);
  expect(await rowsOf(knex, WITH_GAPS)).toEqual([]);
  const perSession = await rowsOf(
    knex,
    `
    select s.open_turns, s.next_seq, s.receipt_seq, count(*)::integer as sessions from chat_session s group by 1, 2, 3`,
  );
  expect(perSession).toEqual([{ open_turns: 0, next_seq: 2 * turnsEach + 1, receipt_seq: turnsEach, sessions }]);
}

const WITH_GAPS = `
  select m.session_id, array_agg(m.seq order by m.seq) as seqs from message m group by m.session_id
  having min(m.seq) <> 1 or max(m.seq) <> count(*)
  union all
  select t.session_id, array[t.message_seq, t.reply_seq] from turn t where t.reply_seq <> t.message_seq + 1`;

/** Equations of the ledger, its chain, and that its usage account, its lines and its settled holds say one sum. */
export async function expectOneSum(knex: Knex): Promise<bigint> {
  // Sealing follows the answers; nothing may stay behind.
  await expect
    .poll(() => rowsOf(knex, `select count(*)::integer as unsealed from ledger_inbox`), { timeout: 20_000 })
    .toEqual([{ unsealed: 0 }]);
  const [sums] = await rowsOf<{ ledger: string; lines: string; holds: string }>(
    knex,
    `
    select (select sum(e.amount_mc) from ledger_entry e where e.account = 'usage')::text as ledger,
      (select sum(l.amount_mc) from usage_line l)::text as lines,
      (select sum(h.settled_mc) from credit_hold h)::text as holds`,
  );
  expect(sums?.ledger).toBe(sums?.lines);
  expect(sums?.holds).toBe(sums?.lines);
  expect(await auditBooks(knex)).toEqual([]);
  return BigInt(sums?.ledger ?? 0);
}

interface ReceiptRow {
  session_id: string;
  seq: number;
  record: string;
  prev_hash: string;
  record_hash: string;
  sealed_hash: string | null;
  head_hash: string | null;
}

/** Each record hashes to what it says, hangs on the one before it, ends at its session's head, and is in the ledger. */
export async function expectLinkedReceipts(knex: Knex): Promise<void> {
  const receipts = await rowsOf<ReceiptRow>(
    knex,
    `
    select r.session_id, r.seq, r.record, r.prev_hash, r.record_hash, t.receipt_hash as sealed_hash,
      case when r.seq = s.receipt_seq then s.receipt_hash end as head_hash
    from turn_receipt r join chat_session s on s.tenant_id = r.tenant_id and s.id = r.session_id
    left join ledger_tx t on t.tenant_id = r.tenant_id and t.kind = 'settle'
      and t.doc_id = 'trn_' || replace(r.turn_id::text, '-', '')
    order by r.session_id, r.seq`,
  );
  expect(receipts.length).toBeGreaterThan(0);
  const broken = receipts.filter((receipt, index) => !links(receipt, receipts[index - 1]));
  expect(broken).toEqual([]);
}

function links(receipt: ReceiptRow, before: ReceiptRow | undefined): boolean {
  const { record_hash: signed, ...unsigned } = JSON.parse(receipt.record) as Record<string, CanonicalValue>;
  const computed = sha256Hex(`bob.receipt.v1\n${canonicalJson(unsigned)}`);
  const said = [receipt.record_hash, signed, receipt.sealed_hash, receipt.head_hash ?? computed];
  return (
    said.every((hash) => hash === computed) &&
    unsigned['prev_hash'] === receipt.prev_hash &&
    (receipt.seq === 1 || follows(receipt, before))
  );
}

function follows(receipt: ReceiptRow, before: ReceiptRow | undefined): boolean {
  return (
    before?.session_id === receipt.session_id &&
    before.seq === receipt.seq - 1 &&
    before.record_hash === receipt.prev_hash
  );
}

/** All told, all delivered: the outbox is drained and E1 to E8 hold. */
export async function expectDeliveredOutbox(knex: Knex): Promise<string[]> {
  await expect
    .poll(() => rowsOf(knex, `select d.state, count(*)::integer as n from webhook_delivery d group by d.state`), {
      timeout: 60_000,
      interval: 250,
    })
    .toEqual([{ state: 'delivered', n: expect.any(Number) }]);
  await expectEventsTold(knex);
  const undelivered = await rowsOf(
    knex,
    `
    select e.no, e.type from webhook_event e where 1 <> (select count(*) from webhook_delivery d
      where d.tenant_id = e.tenant_id and d.event_no = e.no and d.state = 'delivered')`,
  );
  expect(undelivered).toEqual([]);
  const events = await rowsOf<{ id: string }>(
    knex,
    `select 'evt_' || replace(e.id::text, '-', '') as id from webhook_event e`,
  );
  return events.map((event) => event.id);
}
