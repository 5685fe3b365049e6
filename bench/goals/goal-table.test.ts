import { expect, test } from 'vitest';
import { goalTable } from './goal-table.ts';

test('only what was measured stands in the table, with the bound it reached', () => {
  const text = goalTable({ P1: 7, P3: 0.09, P6: 21, P12: null });
  expect(text).toMatch(/P1: .* 9 +6\.5 +7\.00 +must/);
  expect(text).toMatch(/P3: .* 0\.06 +0\.08 +0\.09 +goal/);
  expect(text).toMatch(/P6: .* 20 +15 +21\.00 +no/);
  expect(text).not.toContain('P12');
});
