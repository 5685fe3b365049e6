import { columns, show } from './columns.ts';
import type { Cell } from './measure-rounds.ts';

type Measure = 'p50Ms' | 'p99Ms' | 'turnsPerSecond' | 'cpuMsPerTurn' | 'firstTokenP50Ms';

export interface Ratio {
  name: string;
  value: number | null;
}

/** What the goals speak of: never a figure alone, always against a program of the same run. */
export function ratiosOf(cells: readonly Cell[]): Ratio[] {
  return [...new Set(cells.map((cell) => groupOf(cell)))].flatMap((group) => {
    const beside = cells.filter((cell) => groupOf(cell) === group);
    const read = (target: Cell['target'], measure: Measure): number | null =>
      beside.find((cell) => cell.target === target)?.[measure] ?? null;
    const product = read('product', 'p50Ms');
    const naive = read('naive', 'p50Ms');
    const floor = read('floor', 'p50Ms');
    const ratios: Ratio[] = [
      { name: 'turn p50, product ÷ naive', value: divide(product, naive) },
      { name: 'turn p50, product ÷ floor', value: divide(product, floor) },
      { name: 'turn p50, product ÷ stub', value: divide(product, read('stub', 'p50Ms')) },
      { name: 'turn p50, product − naive, ms', value: product === null || naive === null ? null : product - naive },
      {
        name: 'first token, product ÷ naive',
        value: divide(read('product', 'firstTokenP50Ms'), read('naive', 'firstTokenP50Ms')),
      },
      { name: 'product p99 ÷ p50', value: divide(read('product', 'p99Ms'), product) },
      {
        name: 'turns/s, product ÷ naive',
        value: divide(read('product', 'turnsPerSecond'), read('naive', 'turnsPerSecond')),
      },
      {
        name: 'turns/s, product ÷ floor',
        value: divide(read('product', 'turnsPerSecond'), read('floor', 'turnsPerSecond')),
      },
      { name: 'CPU ms a turn, product', value: read('product', 'cpuMsPerTurn') },
      {
        name: 'CPU a turn, product ÷ naive',
        value: divide(read('product', 'cpuMsPerTurn'), read('naive', 'cpuMsPerTurn')),
      },
    ];
    return ratios.map(({ name, value }) => ({ name: `${group} ${name}`, value }));
  });
}

/** Cells that may be compared: equal load over an equal wire. */
function groupOf({ concurrency, wire }: Cell): string {
  return `C=${concurrency}${wire === 'sse' ? ' SSE' : ''}`;
}

export function cellTable(cells: readonly Cell[]): string {
  const head = [
    'target',
    'wire',
    'C',
    'p50 ms',
    'p95 ms',
    'p99 ms',
    'turns/s',
    'CPU ms/turn',
    'first turn',
    'first token',
  ];
  const rows = cells.map((cell) => [
    cell.target,
    cell.wire,
    String(cell.concurrency),
    ...[cell.p50Ms, cell.p95Ms, cell.p99Ms, cell.turnsPerSecond, cell.cpuMsPerTurn].map((value) => show(value)),
    ...[cell.firstTurnP50Ms, cell.firstTokenP50Ms].map((value) => (value === null ? '' : show(value))),
  ]);
  const voids = cells.filter((cell) => cell.voidBecause !== null);
  const reasons = voids.map((cell) => `void: ${cell.target} ${groupOf(cell)}: ${cell.voidBecause}`);
  const timings = cells.flatMap((cell) => timingLine(cell) ?? []);
  return [...columns([head, ...rows]), ...timings, ...reasons].join('\n');
}

export function ratioTable(ratios: readonly Ratio[]): string {
  const known = ratios.filter((ratio) => ratio.value !== null);
  return columns(known.map(({ name, value }) => [name, show(value)])).join('\n');
}

function timingLine(cell: Cell): string | null {
  const parts = Object.entries(cell.serverTimingMs).map(([name, ms]) => `${name} ${show(ms)}`);
  return parts.length === 0 ? null : `Server-Timing ${cell.target} ${groupOf(cell)}, ms: ${parts.join(', ')}`;
}

function divide(value: number | null, by: number | null): number | null {
  return value === null || by === null || by === 0 ? null : value / by;
}
