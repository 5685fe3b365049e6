import { setTimeout as sleep } from 'node:timers/promises';

import { rememberHandedOver } from './handed-over.ts';
import { sweepLanes, sweepLedger, sweepTurns, type SweepDeps } from './sweep.ts';

const EVERY_MS = 2000;
/** Holds and leftovers of dead processes are looked at less often: nobody waits for them. */
const LEDGER_EVERY = 3;
const LANES_EVERY = 15;

/**
 * Drives what a crash left behind, sooner than the schedule would: accepted turns without an outcome, holds past their
 * time, ended turns that no ledger row tells of, webhook lanes with due rows. It writes nothing when there is nothing.
 */
export function startSweepLoop(deps: SweepDeps): { stop(): Promise<void> } {
  const stopping = new AbortController();
  const handed = rememberHandedOver(deps.clock);

  async function sweepRound(round: number): Promise<void> {
    await sweepTurns(deps, handed);
    if (round % LEDGER_EVERY === 0) await sweepLedger(deps);
    if (round % LANES_EVERY === 0) await sweepLanes(deps);
  }

  async function run(): Promise<void> {
    for (let round = 0; !stopping.signal.aborted; round += 1) {
      await sweepRound(round).catch((error: unknown) => deps.logger.warn({ error }, 'sweep failed, trying again'));
      await sleep(EVERY_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  const running = run();
  return {
    async stop() {
      stopping.abort();
      await running;
    },
  };
}
