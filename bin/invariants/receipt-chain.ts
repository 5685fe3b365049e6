import { canonicalText, prefixed, taggedHash } from './canonical-text.ts';
import type { Snapshot } from './open-snapshot.ts';

interface Receipt {
  tenant_id: string;
  turn_id: string;
  session_id: string;
  seq: number;
  record: string;
  prev_hash: string;
  record_hash: string;
  persona_version_id: string;
  session_created_at: Date;
  receipt_seq: number;
  receipt_hash: string | null;
}

const TAG = 'bob.receipt.v1';

const RECEIPTS = `
  select r.tenant_id, r.turn_id, r.session_id, r.seq, r.record, r.prev_hash, r.record_hash,
    s.persona_version_id, s.created_at as session_created_at, s.receipt_seq, s.receipt_hash
  from turn_receipt r left join chat_session s on s.tenant_id = r.tenant_id and s.id = r.session_id
  order by r.tenant_id, r.session_id, r.seq`;

/** Recomputes each session's chain from the link that binds it to its session. */
export async function* firstBrokenReceipts(snapshot: Snapshot): AsyncGenerator<object> {
  let before: Receipt | null = null;
  for await (const receipt of snapshot.each<Receipt>(RECEIPTS)) {
    if (before !== null && before.session_id !== receipt.session_id) {
      yield* endFaults(before);
      before = null;
    }
    const what = faultOf(receipt, before);
    if (what !== null) yield { tenant_id: receipt.tenant_id, turn_id: receipt.turn_id, seq: receipt.seq, what };
    before = receipt;
  }
  if (before !== null) yield* endFaults(before);
}

function faultOf(receipt: Receipt, before: Receipt | null): string | null {
  const link = before ?? { seq: 0, record_hash: firstLink(receipt) };
  if (receipt.seq !== link.seq + 1) return 'a receipt before it is missing';
  if (receipt.prev_hash !== link.record_hash) return 'prev_hash';
  return recordFault(receipt, parse(receipt.record));
}

function recordFault(receipt: Receipt, record: Record<string, unknown>): string | null {
  if (canonicalText(record) !== receipt.record) return 'record is not canonical';
  const { record_hash: recordHash, ...unsigned } = record;
  if (taggedHash(TAG, unsigned) !== receipt.record_hash || recordHash !== receipt.record_hash) return 'record_hash';
  const columns = {
    turn_id: prefixed('trn', receipt.turn_id),
    'gen_ai.conversation.id': prefixed('ses', receipt.session_id),
    tenant_id: receipt.tenant_id,
    seq: receipt.seq,
    prev_hash: receipt.prev_hash,
  };
  const wrong = Object.entries(columns).find(([name, value]) => record[name] !== value);
  return wrong === undefined ? null : `record names another ${wrong[0]}`;
}

function firstLink(receipt: Receipt): string {
  return taggedHash(TAG, {
    tenant: receipt.tenant_id,
    session: prefixed('ses', receipt.session_id),
    version: prefixed('pvr', receipt.persona_version_id),
    created_at: receipt.session_created_at.toISOString(),
  });
}

/** Empty for what is no JSON object: it then differs from its own canonical form. */
function parse(text: string): Record<string, unknown> {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === 'object' && value !== null ? { ...value } : {};
  } catch {
    return {};
  }
}

/** A chain whose tail was cut off still links; its session knows where it ended. */
function* endFaults({
  tenant_id,
  session_id,
  seq,
  record_hash,
  receipt_seq,
  receipt_hash,
}: Receipt): Generator<object> {
  if (seq !== receipt_seq || record_hash !== receipt_hash) {
    yield { tenant_id, session_id, seq, what: `the session counts ${receipt_seq} receipts` };
  }
}
