import { expect, test } from 'vitest';

import { hashPassword, verifyPassword } from './passwords.ts';

test('a password is kept as argon2id, each time with another salt', async () => {
  const [first, second] = await Promise.all([hashPassword('secret'), hashPassword('secret')]);
  expect(first).toMatch(/^\$argon2id\$v=19\$m=19456,t=2,p=1\$/);
  expect(first).not.toBe(second);
  expect(await verifyPassword({ stored: first, plain: 'secret' })).toBe(true);
  expect(await verifyPassword({ stored: first, plain: 'Secret' })).toBe(false);
});

test('an accent typed on another keyboard is the same password', async () => {
  const stored = await hashPassword('caf\u00e9');
  expect(await verifyPassword({ stored, plain: 'cafe\u0301' })).toBe(true);
});
