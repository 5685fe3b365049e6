import fc from 'fast-check';
import { expect, test } from 'vitest';

import { businessIdsFor } from './business-id.ts';

test.each([
  ['Acme Dental', 'acme-dental'],
  ["  Joe's   Café & Bar ", 'joes-cafe-bar'],
  ['Żółw Łódź Straße Ærø', 'zolw-lodz-strasse-aero'],
  ['ACME --- 24/7', 'acme-24-7'],
  ['№5 ﬁne', 'no5-fine'],
])('%s becomes %s', (name, slug) => {
  expect(businessIdsFor(name, ['x1'])).toEqual([slug, `${slug}-x1`]);
});

test.each(['Demo', 'Office 16852', 'office16852 platform', 'API', '日本', '!!!'])(
  'nobody is called %s alone',
  (name) => {
    const [first, ...rest] = businessIdsFor(name, ['a1', 'b2']);
    expect(first).toMatch(/-a1$/);
    expect(rest).toHaveLength(1);
  },
);

test('whatever the name, the slug is short, plain, and starts and ends with a letter or digit', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (name) => {
      for (const slug of businessIdsFor(name, ['ab12'])) {
        expect(slug).toMatch(/^[a-z0-9]+(-[a-z0-9]+)*$/);
        expect(slug.length).toBeLessThanOrEqual(65);
      }
    }),
  );
});
