import { expect, test } from 'vitest';
import { z } from 'zod';

import { fieldFaults, tellFaults, textFaults } from './field-faults.ts';

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

test('of ten thousand faults the first twenty are told, and how many there are', () => {
  const { error } = z.strictObject({}).safeParse(Object.fromEntries(Array.from({ length: 10_000 }, (_, n) => [n, 0])));
  const { detail, errors } = tellFaults(error === undefined ? [] : fieldFaults(error));
  expect([detail, errors.length]).toEqual(['10000 fields are wrong. The first 20 are listed.', 20]);
  expect(errors[0]).toMatchObject({ pointer: '/0', code: 'unknown_field' });
  expect(tellFaults(errors.slice(0, 2)).detail).toBe('2 fields are wrong.');
});
