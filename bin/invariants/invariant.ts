import type { Snapshot } from './open-snapshot.ts';

/** One thing that must hold: the statement gives the rows that break it. */
export interface Check {
  says: string;
  sql: string;
  /** Holds only once everything under way has ended: asked with `--settled`. */
  settledOnly?: boolean;
}

/** What SQL cannot recompute: hashes, chains, prices. It yields each row that breaks it, with what is wrong. */
export interface Walk {
  says: string;
  walk: (snapshot: Snapshot) => AsyncIterable<object>;
}

export interface Invariant {
  id: string;
  says: string;
  /** Gives one row with `count`: how much was looked at. */
  subjects: { noun: string; sql: string };
  checks: readonly Check[];
  walks?: readonly Walk[];
  /** Checks that are made from what the database says of itself. */
  derive?: (snapshot: Snapshot) => Promise<Check[]>;
}

export interface Verdict {
  id: string;
  says: string;
  noun: string;
  count: number;
  faults: { says: string; rows: object[] }[];
}

const ROWS_NAMED = 5;

/** Every check of an invariant, also after a broken one: what is wrong shows in one run. */
export async function examine(
  invariant: Invariant,
  { snapshot, settled }: { snapshot: Snapshot; settled: boolean },
): Promise<Verdict> {
  const { id, says, subjects, derive, walks = [] } = invariant;
  const [counted] = await snapshot.rows<{ count: string }>(subjects.sql);
  const derived = derive === undefined ? [] : await derive(snapshot);
  const due = [...invariant.checks, ...derived].filter((check) => settled || check.settledOnly !== true);
  const faults: Verdict['faults'] = [];
  for (const check of due) faults.push({ says: check.says, rows: await firstRows(snapshot, check) });
  for (const walk of walks) faults.push({ says: walk.says, rows: await firstOf(walk.walk(snapshot)) });
  return { id, says, noun: subjects.noun, count: Number(counted?.count), faults: faults.filter(isBroken) };
}

function isBroken({ rows }: { rows: object[] }): boolean {
  return rows.length > 0;
}

function firstRows(snapshot: Snapshot, { sql }: Check): Promise<object[]> {
  return snapshot.rows(`select broken.* from (${sql}) as broken limit ${ROWS_NAMED}`);
}

async function firstOf(found: AsyncIterable<object>): Promise<object[]> {
  const rows: object[] = [];
  for await (const row of found) {
    rows.push(row);
    if (rows.length === ROWS_NAMED) break;
  }
  return rows;
}
