import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { newSecretKey, openKeyRing } from './key-ring.ts';

const OLD = newSecretKey('old');
const NEW = newSecretKey('new');
const ring = openKeyRing(`${NEW},${OLD}`);
const bytes = fc.uint8Array({ maxLength: 200 }).map((array) => Buffer.from(array));

describe('encryption', () => {
  it('what was sealed comes back, for whoever knows what it belongs to', () => {
    fc.assert(
      fc.property(bytes, fc.string(), (plain, associated) => {
        const { keyId, sealed } = ring.encrypt({ plain, associated });
        expect(keyId).toBe('new');
        expect(ring.decrypt({ keyId, sealed, associated })).toEqual(plain);
      }),
    );
  });

  it('one changed bit anywhere, or a cut, opens nothing', () => {
    fc.assert(
      fc.property(bytes, fc.nat(), fc.nat({ max: 7 }), (plain, place, bit) => {
        const { keyId, sealed } = ring.encrypt({ plain, associated: 'endpoint/1' });
        const forged = Buffer.from(sealed);
        const at = place % forged.length;
        forged[at] = (forged[at] ?? 0) ^ (1 << bit);
        expect(() => ring.decrypt({ keyId, sealed: forged, associated: 'endpoint/1' })).toThrow();
        expect(() => ring.decrypt({ keyId, sealed: sealed.subarray(0, at), associated: 'endpoint/1' })).toThrow();
      }),
    );
  });

  it('a secret moved to another owner opens nothing', () => {
    const { keyId, sealed } = ring.encrypt({ plain: Buffer.from('secret'), associated: 'endpoint/1' });
    expect(() => ring.decrypt({ keyId, sealed, associated: 'endpoint/2' })).toThrow();
    expect(() => ring.decrypt({ keyId: 'old', sealed, associated: 'endpoint/1' })).toThrow();
  });

  it('the same secret is sealed differently each time', () => {
    const secret = { plain: Buffer.from('secret'), associated: 'a' };
    expect(ring.encrypt(secret).sealed).not.toEqual(ring.encrypt(secret).sealed);
  });

  it('after a rotation old secrets still open, and new ones are sealed with the new key', () => {
    const before = openKeyRing(OLD).encrypt({ plain: Buffer.from('secret'), associated: 'a' });
    expect(ring.decrypt({ ...before, associated: 'a' }).toString()).toBe('secret');
  });

  it('a secret whose key was taken away names the key it needs', () => {
    const { keyId, sealed } = openKeyRing(OLD).encrypt({ plain: Buffer.from('secret'), associated: 'a' });
    expect(() => openKeyRing(NEW).decrypt({ keyId, sealed, associated: 'a' })).toThrow('no key named old');
  });
});

describe('signatures', () => {
  it('a text that was signed verifies, any other text or key does not', () => {
    fc.assert(
      fc.property(fc.string(), fc.string(), (text, other) => {
        const { keyId, mac } = ring.mac(text);
        expect(ring.verifyMac({ keyId, text, mac })).toBe(true);
        expect(ring.verifyMac({ keyId, text: other, mac })).toBe(other === text);
        expect(ring.verifyMac({ keyId: 'old', text, mac })).toBe(false);
        expect(ring.verifyMac({ keyId: 'unknown', text, mac })).toBe(false);
        expect(ring.verifyMac({ keyId, text, mac: mac.subarray(1) })).toBe(false);
      }),
    );
  });

  it('after a rotation old signatures still verify', () => {
    expect(ring.verifyMac({ ...openKeyRing(OLD).mac('text'), text: 'text' })).toBe(true);
  });
});

describe('BOB_SECRET_KEYS', () => {
  const short = Buffer.alloc(31).toString('base64');

  it.each(['', ' , ', 'onlyid', `id:${short}`, `bad id:${OLD.slice(4)}`, `:${OLD.slice(4)}`, `${OLD},x:${short}`])(
    '%j stops the start with a sentence that holds no key',
    (text) => {
      const open = () => openKeyRing(text);
      expect(open).toThrow(/^BOB_SECRET_KEYS/);
      for (const secret of [short, OLD.slice(4)]) expect(open).not.toThrow(secret);
    },
  );

  it('two keys of one name are a mistake: one of them would be lost', () => {
    expect(() => openKeyRing(`${OLD},${newSecretKey('old')}`)).toThrow(/^BOB_SECRET_KEYS/);
  });
});
