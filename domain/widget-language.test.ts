import { expect, test } from 'vitest';

import { wishedLanguage } from './widget-language.ts';

test.each([
  ['nl', null, 'nl'],
  ['nl-BE', null, 'nl'],
  ['PL', null, 'pl'],
  ['de', null, null],
  ['est', null, null],
  ['', null, null],
  [null, null, null],
  ['nl', ['en', 'nl'], 'nl'],
  ['nl', ['en'], null],
])('a page that asks for %j gets it where the tenant speaks %j: %j', (tag, spoken, language) => {
  expect(wishedLanguage(tag, spoken)).toBe(language);
});
