import type { Cell } from '../plan/measure-rounds.ts';
import type { GoalFigures } from './goal-table.ts';

type Figure =
  | 'p50Ms'
  | 'p99Ms'
  | 'turnsPerSecond'
  | 'cpuMsPerTurn'
  | 'firstTurnP50Ms'
  | 'laterTurnP50Ms'
  | 'firstTokenP50Ms';

/** What the cells of a run say about the goals; null where a cell is void or was not measured. */
export function cellGoals(plan: string, cells: readonly Cell[]): GoalFigures {
  const read = (target: Cell['target'], figure: Figure, at: { C: number; wire?: Cell['wire'] }): number | null => {
    const { C, wire = 'json' } = at;
    return (
      cells.find((cell) => cell.target === target && cell.concurrency === C && cell.wire === wire)?.[figure] ?? null
    );
  };
  if (plan === 'slow') {
    const calm = { C: 1, wire: 'sse' } as const;
    const busy = { C: 64, wire: 'sse' } as const;
    return {
      'P4 busy': over(read('product', 'p50Ms', { C: 64 }), read('stub', 'p50Ms', { C: 64 })),
      'P4 calm': minus(read('product', 'p50Ms', { C: 1 }), read('naive', 'p50Ms', { C: 1 })),
      'P5 calm': minus(read('product', 'firstTokenP50Ms', calm), read('stub', 'firstTokenP50Ms', calm)),
      'P5 busy': over(read('product', 'firstTokenP50Ms', busy), read('naive', 'firstTokenP50Ms', busy)),
    };
  }
  return {
    'P0 calm': over(read('product', 'p50Ms', { C: 1 }), read('floor', 'p50Ms', { C: 1 })),
    'P0 busy': over(read('product', 'turnsPerSecond', { C: 64 }), read('floor', 'turnsPerSecond', { C: 64 })),
    P1: over(read('product', 'p50Ms', { C: 1 }), read('naive', 'p50Ms', { C: 1 })),
    P2: over(read('product', 'p50Ms', { C: 16 }), read('naive', 'p50Ms', { C: 16 })),
    'P2 even': over(read('product', 'p99Ms', { C: 16 }), read('product', 'p50Ms', { C: 16 })),
    P3: over(read('product', 'turnsPerSecond', { C: 64 }), read('naive', 'turnsPerSecond', { C: 64 })),
    P6: read('product', 'cpuMsPerTurn', { C: 64 }),
    P12: over(read('product', 'firstTurnP50Ms', { C: 1 }), read('product', 'laterTurnP50Ms', { C: 1 })),
  };
}

function over(value: number | null, by: number | null): number | null {
  return value === null || by === null || by === 0 ? null : value / by;
}

function minus(value: number | null, by: number | null): number | null {
  return value === null || by === null ? null : value - by;
}
