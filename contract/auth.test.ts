import { expect, test } from 'vitest';

import { Email, Name } from './auth.ts';

const labelOf = (length: number): string => 'a'.repeat(length);

test.each([
  [`${labelOf(64)}@example.com`, true],
  [`${labelOf(65)}@example.com`, false],
  [`ada@${labelOf(63)}.com`, true],
  [`ada@${labelOf(64)}.com`, false],
  ['ada@mill-and-sons.com', true],
  ['ada@mill-.com', false],
  ['ada@-mill.com', false],
])('no mail server takes an address with a part that is too long or a stray hyphen: %s', (address, taken) => {
  expect(Email.safeParse(address).success).toBe(taken);
});

test('a name is as long as it was sent, before what breaks lines is taken out of it', () => {
  expect(Name.parse('Ada\n Lovelace ')).toBe('Ada  Lovelace');
  expect(Name.safeParse(`\u0095${labelOf(100)}`).success).toBe(false);
  expect(Name.safeParse(' \u0095 ').success).toBe(false);
});
