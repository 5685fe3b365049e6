import fc from 'fast-check';
import { expect, it } from 'vitest';

import { constantTimeEqual, hmacSha256, sha256Hex } from './digest.ts';

it('SHA-256 agrees with the examples of FIPS 180-4', () => {
  expect(sha256Hex('')).toBe('e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855');
  expect(sha256Hex('abc')).toBe('ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad');
});

it('HMAC-SHA-256 agrees with test case 2 of RFC 4231', () => {
  const mac = hmacSha256({ key: Buffer.from('Jefe'), text: 'what do ya want for nothing?' });
  expect(mac.toString('hex')).toBe('5bdcc146bf60754e6a042426089575c75a003f089d2739839dec58b964ec3843');
});

it('two secrets are equal when their bytes are, of whatever length', () => {
  const bytes = fc.uint8Array({ maxLength: 4 }).map((array) => Buffer.from(array));
  fc.assert(
    fc.property(bytes, bytes, (left, right) => {
      expect(constantTimeEqual(left, right)).toBe(left.equals(right));
      expect(constantTimeEqual(left, Buffer.from(left))).toBe(true);
    }),
  );
});
