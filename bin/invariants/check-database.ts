import { chainsCoverEveryTurn } from './chains.ts';
import { everyChargeHasItsCall, everyMillicreditIsExplained } from './charges.ts';
import { everyMessageHasOneOutcome, everyReplyHasItsMessage, orderIsOrderOfAcceptance } from './conversation.ts';
import { everyEventIsTold } from './events.ts';
import { CannotCheck } from './find-databases.ts';
import { examine, type Invariant, type Verdict } from './invariant.ts';
import { openSnapshot, type Snapshot } from './open-snapshot.ts';
import { nothingIsForgotten } from './running.ts';
import { tenantsStayApart } from './tenants.ts';

/** I10 is about processes, not rows: plans that run under load measure it. */
const INVARIANTS: readonly Invariant[] = [
  everyMessageHasOneOutcome,
  everyReplyHasItsMessage,
  orderIsOrderOfAcceptance,
  everyMillicreditIsExplained,
  everyChargeHasItsCall,
  everyEventIsTold,
  chainsCoverEveryTurn,
  nothingIsForgotten,
  tenantsStayApart,
];

/** All invariants on one database, on one snapshot of it. */
export async function checkDatabase(url: string, { settled }: { settled: boolean }): Promise<Verdict[]> {
  const snapshot = await openSnapshot(url).catch((error: unknown) => {
    throw new CannotCheck(`The database cannot be reached: ${messageOf(error)}`);
  });
  try {
    await expectTables(snapshot);
    return await checkSnapshot(snapshot, { settled });
  } finally {
    await snapshot.close();
  }
}

export async function checkSnapshot(snapshot: Snapshot, { settled }: { settled: boolean }): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const invariant of INVARIANTS) verdicts.push(await examine(invariant, { snapshot, settled }));
  return verdicts;
}

async function expectTables(snapshot: Snapshot): Promise<void> {
  const [found] = await snapshot.rows<{ ours: string | null }>(`select to_regclass('ledger_head')::text as ours`);
  if (found?.ours == null) throw new CannotCheck('This database has no tables of Bob: run `bob migrate` on it first.');
}

/** A refused connection to a name with several addresses has one error for each, and no message of its own. */
function messageOf(error: unknown): string {
  if (error instanceof AggregateError) return error.errors.map(messageOf).join('; ');
  return error instanceof Error ? error.message : String(error);
}
