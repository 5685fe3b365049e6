import type { Snapshot } from './open-snapshot.ts';

interface Book {
  version: number;
  document: { rules: { minimum_turn_mc: number }; rates: { sku: string; ucr_per_1k: Record<string, number> }[] };
}

interface Line {
  tenant_id: string;
  doc_id: string;
  pos: number;
  kind: string;
  waived: string | null;
  sku: string;
  pools: Record<string, number>;
  rates: Record<string, number>;
  raw_ucr: string;
  amount_mc: string;
  pricebook_version: number;
  /** Words of the model reached the visitor. */
  delivered: boolean;
}

const LINES = `
  select l.tenant_id, l.doc_id, l.pos, l.kind, l.waived, l.sku, l.pools, l.rates, l.raw_ucr, l.amount_mc,
    l.pricebook_version,
    coalesce(t.reply_seq is not null and t.outcome in ('answered', 'escalated'), false) as delivered
  from usage_line l left join turn t on t.tenant_id = l.tenant_id and t.id = l.turn_id
  where l.kind in ('llm', 'tool', 'minimum') order by l.tenant_id, l.doc_id, l.pos`;

/** Thousandths of a microcredit in a millicredit. */
const RAW_PER_MILLICREDIT = 1_000_000n;

/** Prices every line again from the document its version published, turn by turn. */
export async function* firstWrongPrices(snapshot: Snapshot): AsyncGenerator<object> {
  const stored = await snapshot.rows<Book>(
    'select b.version, cast(b.content as jsonb) as document from pricebook_version b',
  );
  const books = new Map(stored.map((book) => [book.version, book]));
  let turn: Line[] = [];
  for await (const line of snapshot.each<Line>(LINES)) {
    if (turn[0] !== undefined && (turn[0].doc_id !== line.doc_id || turn[0].tenant_id !== line.tenant_id)) {
      yield* faultsOfTurn(turn, books);
      turn = [];
    }
    turn.push(line);
  }
  yield* faultsOfTurn(turn, books);
}

function* faultsOfTurn(lines: readonly Line[], books: ReadonlyMap<number, Book>): Generator<object> {
  const calls = lines.filter((line) => line.kind !== 'minimum');
  for (const line of calls) {
    const expected = priceOf(line, books);
    if (expected !== line.amount_mc) yield { ...nameOf(line), amount_mc: line.amount_mc, expected };
  }
  yield* minimumFaults(lines, books);
}

function priceOf(line: Line, books: ReadonlyMap<number, Book>): string {
  const rates = books.get(line.pricebook_version)?.document.rates ?? [];
  const family = `${line.sku.split(':', 1)[0]}:*`;
  const rate = rates.find(({ sku }) => sku === line.sku) ?? rates.find(({ sku }) => sku === family);
  if (rate === undefined) return 'no published rate';
  const raw = Object.entries(line.pools).reduce(
    (sum, [pool, count]) => sum + BigInt(count) * BigInt(rate.ucr_per_1k[pool] ?? 0),
    0n,
  );
  if (String(raw) !== line.raw_ucr) return `raw_ucr ${raw}, stored ${line.raw_ucr}`;
  if (!sameRates(line.rates, rate.ucr_per_1k)) return `the rates ${JSON.stringify(rate.ucr_per_1k)}`;
  return line.waived === null ? String((raw + RAW_PER_MILLICREDIT - 1n) / RAW_PER_MILLICREDIT) : '0';
}

function sameRates(a: Record<string, number>, b: Record<string, number>): boolean {
  const pools = new Set([...Object.keys(a), ...Object.keys(b)]);
  return [...pools].every((pool) => a[pool] === b[pool]);
}

/** A delivered answer costs at least the minimum; nothing else is lifted. */
function* minimumFaults(lines: readonly Line[], books: ReadonlyMap<number, Book>): Generator<object> {
  const [first] = lines;
  if (first === undefined) return;
  const minimum = BigInt(books.get(first.pricebook_version)?.document.rules.minimum_turn_mc ?? 0);
  const sum = (chosen: readonly Line[]): bigint => chosen.reduce((total, line) => total + BigInt(line.amount_mc), 0n);
  const calls = sum(lines.filter((line) => line.kind !== 'minimum'));
  const lift = sum(lines.filter((line) => line.kind === 'minimum'));
  const charged = lines.some((line) => line.kind !== 'minimum' && line.waived === null);
  const due = first.delivered && charged && calls < minimum ? minimum - calls : 0n;
  if (lift !== due) yield { ...nameOf(first), minimum_line: String(lift), expected: String(due) };
}

function nameOf({ tenant_id, doc_id, pos }: Line): object {
  return { tenant_id, doc_id, pos };
}
