import { expect, test } from 'vitest';

import { createMissingOrigins } from './missing-origins.ts';

const TENANT = '0195f3a0-0000-7000-8000-000000000001';

test('the newest ten pages of a tenant are remembered, each once', () => {
  const missing = createMissingOrigins();
  for (let nth = 0; nth < 12; nth += 1) missing.note(TENANT, `https://s${nth}.example`);
  missing.note(TENANT, 'https://s5.example');
  const rest = [2, 3, 4, 6, 7, 8, 9, 10, 11, 5].map((nth) => `https://s${nth}.example`);
  expect(missing.of(TENANT)).toEqual(rest);
});

test('the tenant longest unheard of is forgotten first', () => {
  const missing = createMissingOrigins();
  for (let nth = 0; nth <= 1000; nth += 1) {
    missing.note(`0195f3a0-0000-7000-8000-${String(nth).padStart(12, '0')}`, 'https://a.example');
  }
  expect(missing.of('0195f3a0-0000-7000-8000-000000000000')).toEqual([]);
  expect(missing.of('0195f3a0-0000-7000-8000-000000000001')).toEqual(['https://a.example']);
});
