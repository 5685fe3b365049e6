import { expect, test } from 'vitest';
import { benchPlan } from './bench-plan.ts';
import { readOptions, runLimitMs } from './read-options.ts';

test('without a word the plan is steady, over JSON, with the cells of the plan', () => {
  const { name, options } = readOptions([]);
  expect(name).toBe('steady');
  expect(options).toMatchObject({ wires: ['json'], cells: null, rounds: 5, targets: ['stub', 'naive', 'product'] });
});

test('cells and wires are chosen by name, and what is no number is refused', () => {
  const { options } = readOptions(['slow', '--wire', 'both', '--cells', '1,64']);
  expect(options).toMatchObject({ wires: ['json', 'sse'], cells: [1, 64] });
  expect(() => readOptions(['--cells', '1,x'])).toThrow('--cells takes numbers above 0, not "x".');
  expect(() => readOptions(['--wire', 'xml'])).toThrow('--wire is one of json, sse, both.');
});

test('twice the wires may take longer', () => {
  const limit = (wire: string) => runLimitMs(benchPlan('steady'), readOptions(['--wire', wire]).options);
  expect(limit('both')).toBeGreaterThan(limit('json'));
});
