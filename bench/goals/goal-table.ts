import type { ServerKind } from '../plan/bench-plan.ts';
import { columns, show } from '../plan/columns.ts';

interface Bounds {
  must: number;
  goal: number;
}

interface Goal extends Bounds {
  measure: string;
  moreIsBetter?: true;
  /** Where a Temporal server on PostgreSQL must do better than the embedded one with SQLite. */
  onPostgres?: Bounds;
}

const GOALS = {
  'P0 calm': { measure: 'turn p50, product ÷ bare Temporal turn, C=1', must: 1.8, goal: 1.4 },
  'P0 busy': { measure: 'turns/s, product ÷ bare Temporal turn, C=64', must: 0.5, goal: 0.7, moreIsBetter: true },
  P1: { measure: 'turn p50, product ÷ naive, C=1', must: 9, goal: 6.5, onPostgres: { must: 8, goal: 5 } },
  P2: { measure: 'turn p50, product ÷ naive, C=16', must: 12, goal: 9, onPostgres: { must: 9, goal: 6 } },
  'P2 even': { measure: 'p99 ÷ p50, product, C=16', must: 3, goal: 3 },
  P3: {
    measure: 'turns/s, product ÷ naive, C=64',
    must: 0.06,
    goal: 0.08,
    moreIsBetter: true,
    onPostgres: { must: 0.1, goal: 0.16 },
  },
  'P4 busy': { measure: 'slow model, p50, product ÷ stub, C=64', must: 2.5, goal: 1.8 },
  'P4 calm': { measure: 'slow model, p50, product − naive, ms, C=1', must: 25, goal: 12 },
  'P5 calm': { measure: 'first token, product − stub, ms, C=1', must: 20, goal: 12 },
  'P5 busy': { measure: 'first token, product ÷ naive, C=64', must: 6, goal: 3 },
  P6: { measure: 'CPU ms a turn, all processes, C=64', must: 20, goal: 15, onPostgres: { must: 15, goal: 10 } },
  P8: { measure: 'memory per idle session, KiB', must: 60, goal: 25 },
  P9: { measure: 'database per one-turn session, KiB', must: 40, goal: 20 },
  P10: { measure: 'p50 with idle sessions ÷ without', must: 1.3, goal: 1.1 },
  P11: { measure: 'p50 at the end of a long session ÷ at turn 10', must: 2, goal: 1.3 },
  P12: { measure: 'first turn ÷ later turn, C=1', must: 3, goal: 2 },
  P13: { measure: 'wake of a closed session ÷ warm turn', must: 10, goal: 4 },
  R1: { measure: 'sessions exact after a kill, of 32, worst victim', must: 32, goal: 32, moreIsBetter: true },
  'R2 node': { measure: 'longest gap, s, api and worker killed', must: 12, goal: 5 },
  'R2 temporal': { measure: 'longest gap, s, temporal killed', must: 15, goal: 8 },
  'R2 postgres': { measure: 'longest gap, s, postgres killed', must: 15, goal: 8 },
} satisfies Record<string, Goal>;

export type GoalFigures = Partial<Record<keyof typeof GOALS, number | null>>;

/** Each goal that this run measured, and what it reached; what it did not measure is not there. */
export function goalTable(figures: GoalFigures, server: ServerKind = 'sqlite'): string {
  const measured: Readonly<Record<string, number | null | undefined>> = figures;
  const rows = Object.entries<Goal>(GOALS).flatMap(([id, goal]) => {
    const value = measured[id] ?? null;
    if (value === null) return [];
    const bounds = (server === 'postgres' ? goal.onPostgres : undefined) ?? goal;
    const verdict = reached({ ...goal, ...bounds }, value);
    return [[`${id}: ${goal.measure}`, String(bounds.must), String(bounds.goal), show(value), verdict]];
  });
  return columns([['goal', 'must', 'goal', 'measured', 'reached'], ...rows]).join('\n');
}

function reached({ must, goal, moreIsBetter }: Goal, value: number): string {
  const meets = (bound: number): boolean => (moreIsBetter ? value >= bound : value <= bound);
  if (meets(goal)) return 'goal';
  return meets(must) ? 'must' : 'no';
}
