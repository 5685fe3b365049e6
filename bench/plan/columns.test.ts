import { expect, test } from 'vitest';
import { columns, short } from './columns.ts';

test('names stand to the left, figures to the right', () => {
  const rows = [
    ['name', 'ms'],
    ['a', '10.00'],
  ];
  expect(columns(rows)).toEqual(['name     ms', 'a     10.00']);
});

test('of a long name begin and end are shown, and never more than 60 letters', () => {
  const name = `native core::${'x'.repeat(700)}::poll`;
  expect(short(name)).toMatch(/^native core::x+…x+::poll$/);
  expect(short(name)).toHaveLength(60);
  expect(short('native writev')).toBe('native writev');
});
