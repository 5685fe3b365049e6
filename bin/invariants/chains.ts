import type { Invariant } from './invariant.ts';
import { firstBrokenLines, firstBrokenTransactions } from './ledger-chain.ts';
import { ownerChangesAreAudited } from './ownership.ts';
import { firstBrokenPricebooks } from './pricebook-chain.ts';
import { firstBrokenReceipts } from './receipt-chain.ts';

export const chainsCoverEveryTurn: Invariant = {
  id: 'I7',
  says: 'receipts and ledger link without a gap and cover each turn; audit rows cover each change of owner',
  subjects: { noun: 'receipts', sql: 'select count(*) from turn_receipt' },
  walks: [
    { says: 'each receipt hashes to its record_hash and names the one before it', walk: firstBrokenReceipts },
    { says: 'each usage line hashes to its row_hash', walk: firstBrokenLines },
    {
      says: 'each ledger transaction hashes to its hash, over its lines, entries and predecessor',
      walk: firstBrokenTransactions,
    },
    { says: 'each pricebook version hashes to its sha256 and names the one before it', walk: firstBrokenPricebooks },
  ],
  checks: [
    {
      says: 'every closed turn has its receipt, no other has one',
      sql: `select t.tenant_id, t.id as turn_id, t.state from turn t
        where (t.state = 'closed') <> exists (select from turn_receipt r
          where r.tenant_id = t.tenant_id and r.turn_id = t.id and r.session_id = t.session_id)`,
    },
    {
      says: 'a receipt says what happened: outcome, reply and charge of its turn',
      sql: `select r.tenant_id, r.turn_id from (
          select r.tenant_id, r.turn_id, cast(r.record as jsonb) as record from turn_receipt r
        ) r
        join turn t on t.tenant_id = r.tenant_id and t.id = r.turn_id
        join credit_hold h on h.tenant_id = t.tenant_id and h.turn_id = t.id
        left join message m on m.tenant_id = t.tenant_id and m.session_id = t.session_id and m.seq = t.reply_seq
        where r.record ->> 'outcome' is distinct from t.outcome
          or r.record ->> 'reply_message_id' is distinct from 'msg_' || replace(m.id::text, '-', '')
          or cast(r.record -> 'credits' ->> 'settled_mc' as bigint) is distinct from h.settled_mc
          or cast(r.record ->> 'pricebook_version' as integer) is distinct from h.pricebook_version`,
    },
    {
      says: 'a sealed turn names its receipt',
      sql: `select x.tenant_id, x.seq, x.doc_id from ledger_tx x
        where x.kind in ('settle', 'release') and not exists (select from turn_receipt r
          where r.tenant_id = x.tenant_id and 'trn_' || replace(r.turn_id::text, '-', '') = x.doc_id
            and r.record_hash = x.receipt_hash)`,
    },
    {
      says: "the head of a ledger is its last transaction's number and hash",
      sql: `select h.tenant_id, h.seq, last.seq as last_seq from ledger_head h
        left join lateral (select x.seq, x.hash, x.balance_after_mc from ledger_tx x where x.tenant_id = h.tenant_id
          order by x.seq desc limit 1) last on true
        where h.seq is distinct from coalesce(last.seq, 0)
          or last.seq is not null and (h.hash <> last.hash or h.balance_mc <> last.balance_after_mc)`,
    },
    {
      says: 'every closed turn is sealed into the ledger',
      settledOnly: true,
      sql: `select t.tenant_id, t.id as turn_id, t.outcome from turn t
        where t.state = 'closed' and not exists (select from ledger_tx x where x.tenant_id = t.tenant_id
          and x.kind in ('settle', 'release') and x.doc_id = 'trn_' || replace(t.id::text, '-', ''))`,
    },
    ...ownerChangesAreAudited,
  ],
};
