import { lettersOf } from '../load/letters-of.ts';
import type { LoadTarget, Wire } from '../load/load-target.ts';
import { processCost } from '../load/process-cost.ts';
import { median } from '../load/statistics.ts';
import { WARM_UP, warmUp } from '../load/warm-up.ts';
import { type LoadResult, runLoad } from '../load.ts';

export interface Measured {
  target: LoadTarget;
  pids: readonly number[];
}

export interface Cell {
  target: LoadTarget['name'];
  wire: Wire;
  concurrency: number;
  rounds: readonly Round[];
  /** Medians over the rounds; null in all of them when one answer was wrong or failed. */
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  turnsPerSecond: number | null;
  cpuMsPerTurn: number | null;
  firstTurnP50Ms: number | null;
  laterTurnP50Ms: number | null;
  firstTokenP50Ms: number | null;
  serverTimingMs: Readonly<Record<string, number | null>>;
  voidBecause: string | null;
}

type Round = LoadResult & { cpuMsPerTurn: number | null };

export interface Rounds {
  measured: readonly Measured[];
  concurrencies: readonly number[];
  roundCount: number;
  roundMs: number;
  tell: (line: string) => void;
}

const TURNS_PER_SESSION = 10;
const TURN_MAX = 20_000;

/** Every target at every concurrency, round after round, so that a disturbance hits all of them alike. */
export async function measureRounds(plan: Rounds): Promise<Cell[]> {
  const slots = plan.concurrencies.flatMap((concurrency) =>
    plan.measured.map((each) => ({ ...each, concurrency, rounds: [] as Round[] })),
  );
  plan.tell(`warming up: each target and concurrency ${WARM_UP.turnMax} turns or ${WARM_UP.durationMs / 1000} s`);
  for (const [index, { target, concurrency }] of slots.entries()) {
    await warmUp(target, { concurrency, runName: nameOf(0, index) });
  }
  for (let round = 1; round <= plan.roundCount; round += 1) {
    plan.tell(`round ${round} of ${plan.roundCount}`);
    for (const [index, slot] of slots.entries()) {
      slot.rounds.push(await measure(slot, { runName: nameOf(round, index), durationMs: plan.roundMs }));
    }
  }
  return slots.map((slot) => cellOf(slot));
}

function nameOf(round: number, index: number): string {
  return `${lettersOf(Math.floor(performance.timeOrigin))}-${lettersOf(round)}-${lettersOf(index)}`;
}

async function measure(
  { target, pids, concurrency }: Measured & { concurrency: number },
  run: { runName: string; durationMs: number },
): Promise<Round> {
  const before = await processCost(pids);
  const load = { target, concurrency, turnsPerSession: TURNS_PER_SESSION, turnMax: TURN_MAX, ...run };
  const result = await runLoad(load);
  const after = await processCost(pids);
  return { ...result, cpuMsPerTurn: result.turns === 0 ? null : (after.cpuMs - before.cpuMs) / result.turns };
}

function cellOf(slot: Measured & { concurrency: number; rounds: readonly Round[] }): Cell {
  const { target, concurrency, rounds } = slot;
  const voidBecause = rounds.flatMap((round) => round.errors)[0] ?? null;
  const middle = (pick: (round: Round) => number | null): number | null =>
    voidBecause === null ? median(rounds.map((round) => pick(round))) : null;
  const parts = new Set(rounds.flatMap((round) => Object.keys(round.serverTimingMs)));
  const serverTimingMs: Record<string, number | null> = {};
  for (const part of parts) serverTimingMs[part] = middle((round) => round.serverTimingMs[part] ?? null);
  return {
    target: target.name,
    wire: target.wire,
    concurrency,
    rounds,
    p50Ms: middle((round) => round.p50Ms),
    p95Ms: middle((round) => round.p95Ms),
    p99Ms: middle((round) => round.p99Ms),
    turnsPerSecond: middle((round) => round.turnsPerSecond),
    cpuMsPerTurn: middle((round) => round.cpuMsPerTurn),
    firstTurnP50Ms: middle((round) => round.firstTurnP50Ms),
    laterTurnP50Ms: middle((round) => round.laterTurnP50Ms),
    firstTokenP50Ms: middle((round) => round.firstTokenP50Ms),
    serverTimingMs,
    voidBecause,
  };
}
