import { createCipheriv, createDecipheriv, randomBytes } from 'node:crypto';

import { constantTimeEqual, hmacSha256 } from './digest.ts';

/** Keys of BOB_SECRET_KEYS, newest first: the first one encrypts and signs, every one still decrypts and verifies. */
export interface KeyRing {
  encrypt(secret: { plain: Buffer; associated: string }): { keyId: string; sealed: Buffer };
  /** Throws where the key is missing, or the bytes or what they belong to were changed. */
  decrypt(secret: { keyId: string; sealed: Buffer; associated: string }): Buffer;
  mac(text: string): { keyId: string; mac: Buffer };
  verifyMac(claim: { keyId: string; text: string; mac: Buffer }): boolean;
}

const NONCE_BYTES = 12;
const TAG_BYTES = 16;
const KEY_BYTES = 32;
/** An id, and the base64 of 32 bytes, with or without its padding. */
const KEY = /^\s*([\w-]{1,32}):([\w+/-]{43}=?)\s*$/;

export function isKeyList(text: string): boolean {
  return text.split(',').every((part) => KEY.test(part));
}

/** Reads `id:base64 of 32 bytes`, comma separated, newest first. Throws a sentence without any key in it. */
export function openKeyRing(text: string): KeyRing {
  const keys = parseKeys(text);
  const newest = keys.entries().next().value;
  if (newest === undefined) throw new Error('BOB_SECRET_KEYS holds no key: expected id:base64 of 32 bytes');
  const [newestId, newestKey] = newest;

  return {
    encrypt: ({ plain, associated }) => ({ keyId: newestId, sealed: seal(newestKey, plain, associated) }),
    decrypt({ keyId, sealed, associated }) {
      const key = keys.get(keyId);
      if (key === undefined) throw new Error(`BOB_SECRET_KEYS has no key named ${keyId}`);
      return unseal(key, sealed, associated);
    },
    mac: (plain) => ({ keyId: newestId, mac: hmacSha256({ key: newestKey, text: plain }) }),
    verifyMac({ keyId, text: plain, mac }) {
      const key = keys.get(keyId);
      return key !== undefined && constantTimeEqual(hmacSha256({ key, text: plain }), mac);
    },
  };
}

export function newSecretKey(id: string): string {
  return `${id}:${randomBytes(KEY_BYTES).toString('base64')}`;
}

function parseKeys(text: string): Map<string, Buffer> {
  const keys = new Map<string, Buffer>();
  for (const part of text.split(',').filter((entry) => entry.trim() !== '')) {
    const [, id = '', encoded] = KEY.exec(part) ?? [];
    if (encoded === undefined) {
      throw new Error('BOB_SECRET_KEYS: expected id:base64 of 32 bytes, several separated by commas');
    }
    // Whatever the lost one of the two had sealed would never open again.
    if (keys.has(id)) throw new Error(`BOB_SECRET_KEYS: two keys are named ${id}`);
    keys.set(id, Buffer.from(encoded, 'base64'));
  }
  return keys;
}

/** AES-256-GCM (NIST SP 800-38D): nonce, tag, then the ciphertext. */
function seal(key: Buffer, plain: Buffer, associated: string): Buffer {
  const nonce = randomBytes(NONCE_BYTES);
  const cipher = createCipheriv('aes-256-gcm', key, nonce);
  cipher.setAAD(Buffer.from(associated, 'utf8'));
  const body = Buffer.concat([cipher.update(plain), cipher.final()]);
  return Buffer.concat([nonce, cipher.getAuthTag(), body]);
}

function unseal(key: Buffer, sealed: Buffer, associated: string): Buffer {
  const decipher = createDecipheriv('aes-256-gcm', key, sealed.subarray(0, NONCE_BYTES), { authTagLength: TAG_BYTES });
  decipher.setAAD(Buffer.from(associated, 'utf8'));
  decipher.setAuthTag(sealed.subarray(NONCE_BYTES, NONCE_BYTES + TAG_BYTES));
  return Buffer.concat([decipher.update(sealed.subarray(NONCE_BYTES + TAG_BYTES)), decipher.final()]);
}
