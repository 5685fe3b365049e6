import { expect, test } from 'vitest';
import { goalTable } from './goal-table.ts';

test('only what was measured stands in the table, with the bound it reached', () => {
  const text = goalTable({ P1: 7, P3: 0.09, P6: 21, P12: null });
  expect(text).toMatch(/P1: .* 9 +6\.5 +7\.00 +must/);
  expect(text).toMatch(/P3: .* 0\.06 +0\.08 +0\.09 +goal/);
  expect(text).toMatch(/P6: .* 20 +15 +21\.00 +no/);
  expect(text).not.toContain('P12');
});

test('on a server with PostgreSQL more is asked, where the goals ask it', () => {
  const text = goalTable({ P1: 8.5, P3: 0.12, P12: 2.5 }, 'postgres');
  expect(text).toMatch(/P1: .* 8 +5 +8\.50 +no/);
  expect(text).toMatch(/P3: .* 0\.1 +0\.16 +0\.12 +must/);
  expect(text).toMatch(/P12: .* 3 +2 +2\.50 +must/);
});
