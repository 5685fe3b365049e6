import { randomBytes } from 'node:crypto';

/** 256 bits, with a prefix that scanners for leaked secrets can find. */
export function newApiKeySecret(): string {
  return `bob_sk_${randomBytes(32).toString('base64url')}`;
}

export const API_KEY_SHAPE = /^bob_sk_[\w-]{43}$/;

/** What is shown of a secret after its first time. */
export function hintOf(secret: string): string {
  return secret.slice(-4);
}
