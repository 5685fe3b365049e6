import { expect, test } from 'vitest';
import { z } from 'zod';

import { fieldFaults, textFaults } from './field-faults.ts';

test('pointers escape the characters that mean something in them', () => {
  const schema = z.strictObject({ list: z.array(z.strictObject({ 'a/b~c': z.string() })) });
  const { error } = schema.safeParse({ list: [{ 'a/b~c': 1, extra: true }] });
  const faults = error === undefined ? [] : fieldFaults(error);
  expect(faults.map(({ pointer, code }) => [pointer, code])).toEqual([
    ['/list/0/a~1b~0c', 'invalid_type'],
    ['/list/0/extra', 'unknown_field'],
  ]);
});

test('texts that cannot be stored are found at any depth, without recursion', () => {
  let deep: unknown = 'x\0';
  for (let n = 0; n < 30_000; n += 1) deep = [deep];
  expect(textFaults(deep)).toHaveLength(1);
  expect(textFaults({ a: ['fine', '\ud800'], b: '😀' }).map(({ pointer }) => pointer)).toEqual(['/a/1']);
});
