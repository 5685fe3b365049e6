import { assert, constantFrom, dictionary, jsonValue, property, string, tuple } from 'fast-check';
import { expect, test } from 'vitest';

import { findDuplicateKey } from './duplicate-key.ts';

test('JSON that was made from values never has a key twice', () => {
  assert(property(jsonValue(), (value) => findDuplicateKey(JSON.stringify(value)) === null));
});

test('a key added a second time is found, however it is escaped and whatever stands around it', () => {
  const key = string({ minLength: 1 });
  assert(
    property(tuple(key, dictionary(string(), jsonValue())), constantFrom('{"o":', '[1,', '['), ([name, rest], open) => {
      const object = JSON.stringify({ ...rest, [name]: 1 });
      const escaped = escapeUnits(name);
      const twice = `${object.slice(0, -1)},"${escaped}":2}`;
      expect(findDuplicateKey(`${open}${twice}${open.startsWith('{') ? '}' : ']'}`)).toBe(name);
    }),
  );
});

test('the same key in two objects is no duplicate', () => {
  expect(findDuplicateKey('{"a":{"b":1},"c":{"b":2},"d":[{"b":3},{"b":"b"}]}')).toBeNull();
});

function escapeUnits(text: string): string {
  return Array.from({ length: text.length }, (_, at) => {
    return `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`;
  }).join('');
}
