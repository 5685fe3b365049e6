import { expect, test } from 'vitest';
import type { Cell } from '../plan/measure-rounds.ts';
import { cellGoals } from './cell-goals.ts';

function cell(target: Cell['target'], concurrency: number, p50Ms: number, turnsPerSecond: number): Cell {
  return {
    target,
    wire: 'json',
    concurrency,
    rounds: [],
    p50Ms,
    p95Ms: p50Ms,
    p99Ms: p50Ms,
    turnsPerSecond,
    cpuMsPerTurn: 10,
    firstTurnP50Ms: p50Ms,
    laterTurnP50Ms: p50Ms,
    firstTokenP50Ms: null,
    serverTimingMs: {},
    voidBecause: null,
  };
}

test('the product is compared with a bare Temporal turn: its time when calm, its turns when busy', () => {
  const cells = [cell('floor', 1, 10, 80), cell('product', 1, 15, 50), cell('floor', 64, 400, 160)];
  const goals = cellGoals('steady', [...cells, cell('product', 64, 800, 80)]);
  expect(goals).toMatchObject({ 'P0 calm': 1.5, 'P0 busy': 0.5, P6: 10, P12: 1, P1: null });
});
