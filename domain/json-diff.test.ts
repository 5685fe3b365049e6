import { assert, clone, jsonValue, property, tuple } from 'fast-check';
import { expect, test } from 'vitest';

import type { CanonicalValue } from './canonical-json.ts';
import { diffJson } from './json-diff.ts';

test('a document does not differ from itself', () => {
  assert(
    property(
      clone(jsonValue(), 2),
      ([one, same]) => diffJson(one as CanonicalValue, same as CanonicalValue).length === 0,
    ),
  );
});

test('two documents without a difference are equal', () => {
  assert(
    property(tuple(jsonValue(), jsonValue()), ([one, other]) => {
      const isEqual = JSON.stringify(sorted(one)) === JSON.stringify(sorted(other));
      expect(diffJson(one as CanonicalValue, other as CanonicalValue).length === 0).toBe(isEqual);
    }),
  );
});

test('a changed rail, an added tool and a changed text are named by their pointers', () => {
  const before = { rails: [{ id: 'in.pii', mode: 'shadow' }], tools: [], identity: { name: 'Bob' } };
  const after = { rails: [{ id: 'in.pii', mode: 'enforce' }], tools: [{ id: 'order' }], identity: { name: 'Roberta' } };
  expect(diffJson(before, after)).toEqual([
    { op: 'replace', pointer: '/rails/0/mode', before: 'shadow', after: 'enforce' },
    { op: 'add', pointer: '/tools/0', after: { id: 'order' } },
    { op: 'replace', pointer: '/identity/name', before: 'Bob', after: 'Roberta' },
  ]);
});

test('names with the marks of pointers are escaped, and those of every object are no members', () => {
  expect(diffJson({ 'a/b~c': 1 }, {})).toEqual([{ op: 'remove', pointer: '/a~1b~0c', before: 1 }]);
  expect(diffJson({}, { constructor: 1 })).toEqual([{ op: 'add', pointer: '/constructor', after: 1 }]);
});

test('a list that becomes an object is replaced as a whole', () => {
  expect(diffJson([1], { 0: 1 })).toEqual([{ op: 'replace', pointer: '', before: [1], after: { 0: 1 } }]);
});

/** Negative zero and zero are one number in JSON, and the order of members says nothing. */
function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted);
  if (typeof value !== 'object' || value === null) return value;
  const members = Object.entries(value)
    .toSorted(([left], [right]) => (left < right ? -1 : 1))
    .map(([name, member]) => [name, sorted(member)]);
  // Told apart from a list: an empty object is no empty list.
  return { members };
}
