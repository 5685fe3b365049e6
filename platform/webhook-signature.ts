import { createPrivateKey, randomBytes, sign } from 'node:crypto';

import { hmacSha256 } from './digest.ts';

/** A live signing key: the bytes behind `whsec_`, or an ed25519 seed. */
export interface SigningKey {
  kind: 'hmac' | 'ed25519';
  bytes: Buffer;
}

export interface SignedMessage {
  /** The `webhook-id` header. Holds no dot, so that the parts of what is signed stay apart. */
  id: string;
  /** Unix seconds of this attempt. */
  timestamp: number;
  body: string;
}

const SECRET_BYTES = 32;
const SEED_BYTES = 32;
/** The DER of PKCS#8 before an ed25519 seed (RFC 8410). */
const PKCS8_HEAD = Buffer.from('302e020100300506032b657004220420', 'hex');

/** The `webhook-signature` header of Standard Webhooks 1.0.0: one signature per live key, newest first. */
export function signWebhook({ id, timestamp, body }: SignedMessage, keys: readonly SigningKey[]): string {
  const signed = `${id}.${timestamp}.${body}`;
  return keys.map((key) => (key.kind === 'hmac' ? signV1(key.bytes, signed) : signV1a(key.bytes, signed))).join(' ');
}

export function newWebhookSecret(): string {
  return `whsec_${randomBytes(SECRET_BYTES).toString('base64')}`;
}

/** The key in a `whsec_` or `whsk_` text; null where the text holds none. */
export function parseSigningKey(text: string): SigningKey | null {
  if (text.startsWith('whsec_')) {
    const bytes = Buffer.from(text.slice('whsec_'.length), 'base64');
    return bytes.length >= 24 && bytes.length <= 64 ? { kind: 'hmac', bytes } : null;
  }
  if (!text.startsWith('whsk_')) return null;
  // Seed and public key stand one after the other; the seed alone signs.
  const bytes = Buffer.from(text.slice('whsk_'.length), 'base64').subarray(0, SEED_BYTES);
  return bytes.length === SEED_BYTES ? { kind: 'ed25519', bytes } : null;
}

function signV1(key: Buffer, text: string): string {
  return `v1,${hmacSha256({ key, text }).toString('base64')}`;
}

function signV1a(seed: Buffer, text: string): string {
  const key = createPrivateKey({ key: Buffer.concat([PKCS8_HEAD, seed]), format: 'der', type: 'pkcs8' });
  return `v1a,${sign(null, Buffer.from(text, 'utf8'), key).toString('base64')}`;
}
