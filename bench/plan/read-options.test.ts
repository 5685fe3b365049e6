import { expect, test } from 'vitest';
import { readOptions, runLimitMs } from './read-options.ts';

test('without a word the plan is steady, over JSON, with the cells of the plan', () => {
  const { name, options } = readOptions([]);
  expect(name).toBe('steady');
  expect(options).toMatchObject({
    wires: ['json'],
    cells: null,
    rounds: 5,
    targets: ['stub', 'naive', 'floor', 'product'],
  });
  expect(options).toMatchObject({ seconds: 3, server: 'sqlite' });
});

test('cells and wires are chosen by name, and what is no number is refused', () => {
  const { options } = readOptions(['slow', '--wire', 'both', '--cells', '1,64']);
  expect(options).toMatchObject({ wires: ['json', 'sse'], cells: [1, 64] });
  expect(() => readOptions(['--cells', '1,x'])).toThrow('--cells takes numbers above 0, not "x".');
  expect(() => readOptions(['--wire', 'xml'])).toThrow('--wire is one of json, sse, both.');
});

test('a profile takes longer windows, unless it is told', () => {
  expect(readOptions(['profile']).options.seconds).toBe(10);
  expect(readOptions(['profile', '--seconds', '4']).options.seconds).toBe(4);
});

test('Temporal runs on SQLite or on PostgreSQL; who is to be killed and come back runs on SQLite', () => {
  expect(readOptions(['--server', 'postgres']).options.server).toBe('postgres');
  expect(() => readOptions(['--server', 'mysql'])).toThrow('--server is one of sqlite, postgres.');
  expect(() => readOptions(['crash', '--server', 'postgres'])).toThrow(
    'The plan crash takes the embedded server only.',
  );
});

test('twice the wires may take longer', () => {
  const limit = (wire: string) => {
    const { plan, options } = readOptions(['--wire', wire]);
    return runLimitMs(plan, options);
  };
  expect(limit('both')).toBeGreaterThan(limit('json'));
});
