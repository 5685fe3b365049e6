import { array, assert, property, string } from 'fast-check';
import { expect, test } from 'vitest';

import { LIST_QUERY } from '#contract/common.ts';

import { decodeCursor, encodeCursor, lastIdOf, pageOf } from './cursor.ts';

test('a cursor gives its parts back, and fits what lists take', () => {
  assert(
    property(array(string({ maxLength: 40 }), { minLength: 1, maxLength: 3 }), (parts) => {
      const cursor = encodeCursor(parts.map((part) => part.toWellFormed()));
      expect(decodeCursor(cursor, parts.length)).toEqual(parts.map((part) => part.toWellFormed()));
    }),
  );
  expect(LIST_QUERY.cursor.safeParse(encodeCursor(['2026-01-01', 'a'.repeat(36)])).success).toBe(true);
});

test.each(['', 'AAAA', 'bm8', encodeCursor(['one'])])(
  'a cursor of another list is a fault of the query: %j',
  (text) => {
    expect(() => decodeCursor(text, 2)).toThrow('cursor');
  },
);

test('a page has a cursor only where something stands behind it, and the next one begins after its last row', () => {
  const ids = ['1', '2', '3'].map((digit) => `ses_${digit.repeat(32)}`);
  const { page, nextCursor } = pageOf(ids, 2, (id) => [id]);
  expect(page).toEqual(ids.slice(0, 2));
  expect(lastIdOf('ses', nextCursor ?? '')).toBe(ids[1]);
  expect(pageOf(ids, 3, (id) => [id])).toEqual({ page: ids, nextCursor: null });
  expect(lastIdOf('ses', undefined)).toBeNull();
  expect(() => lastIdOf('key', nextCursor ?? '')).toThrow('cursor');
});
