import { expect, test } from 'vitest';
import { benchPlan } from './bench-plan.ts';
import { cellTable, ratiosOf, ratioTable } from './bench-report.ts';
import type { Cell } from './measure-rounds.ts';

function cell(target: Cell['target'], p50Ms: number | null, more: Partial<Cell> = {}): Cell {
  const figures = { p50Ms, p95Ms: p50Ms, p99Ms: p50Ms, turnsPerSecond: 100, cpuMsPerTurn: 2 };
  const byTurn = { firstTurnP50Ms: p50Ms, laterTurnP50Ms: p50Ms, firstTokenP50Ms: null };
  return {
    target,
    wire: 'json',
    concurrency: 1,
    rounds: [],
    ...figures,
    ...byTurn,
    serverTimingMs: {},
    voidBecause: null,
    ...more,
  };
}

test('ratios compare the product with what ran beside it', () => {
  const text = ratioTable(ratiosOf([cell('stub', 1), cell('naive', 2), cell('product', 8, { turnsPerSecond: 25 })]));
  expect(text).toMatch(/C=1 turn p50, product ÷ naive +4\.00/);
  expect(text).toMatch(/C=1 turn p50, product − naive, ms +6\.00/);
  expect(text).toMatch(/C=1 turns\/s, product ÷ naive +0\.25/);
});

test('a void cell has no ratio and says why', () => {
  const broken = cell('product', null, { voidBecause: 'status 500' });
  const ratio = ratiosOf([cell('naive', 2), broken]).find((each) => each.name.endsWith('p50, product ÷ naive'));
  expect(ratio?.value).toBeNull();
  expect(cellTable([broken])).toContain('void: product C=1: status 500');
});

test('cells of different wires are never compared with each other', () => {
  const names = ratiosOf([cell('naive', 2), cell('product', 4, { wire: 'sse' })]).filter(
    (ratio) => ratio.value !== null,
  );
  expect(names.map((ratio) => ratio.name)).not.toContain('C=1 turn p50, product ÷ naive');
});

test('an unknown plan is refused with the names of those there are', () => {
  expect(() => benchPlan('fast')).toThrow(
    'There is no plan "fast"; there are: steady, slow, history, idle, crash, profile.',
  );
  expect(benchPlan('slow').model).toBe('stub-20-5-40');
});
