import { expect, test } from 'vitest';

import { changedFields } from './changed-fields.ts';

const CURRENT = { name: 'Shop', days: null as number | null, languages: ['en', 'es'] };

test('only what differs is a change', () => {
  const wanted = { name: 'Store', days: undefined, languages: ['en', 'es'] };
  expect(changedFields(CURRENT, wanted)).toEqual({ before: { name: 'Shop' }, after: { name: 'Store' } });
});

test('null clears, and a field that is not given stays', () => {
  expect(changedFields<typeof CURRENT>({ ...CURRENT, days: 30 }, { days: null })).toEqual({
    before: { days: 30 },
    after: { days: null },
  });
  expect(changedFields(CURRENT, {})).toEqual({ before: {}, after: {} });
});
