import { setTimeout as sleep } from 'node:timers/promises';

import { checkDatabase } from './check-database.ts';
import type { Verdict } from './invariant.ts';

const RETRY_MS = 500;

export function isSound(verdicts: readonly Verdict[]): boolean {
  return verdicts.every(({ faults }) => faults.length === 0);
}

/** What is still under way may end yet: where everything must have ended, a broken verdict gets its time. */
export async function checkUntilSettled(url: string, settledWithinMs: number | null): Promise<Verdict[]> {
  const startedAt = performance.now();
  for (;;) {
    const verdicts = await checkDatabase(url, { settled: settledWithinMs !== null });
    if (isSound(verdicts) || performance.now() - startedAt >= (settledWithinMs ?? 0)) return verdicts;
    await sleep(RETRY_MS);
  }
}
