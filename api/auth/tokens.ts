import { randomBytes } from 'node:crypto';

import { sha256Hex } from '#platform/digest.ts';

/** 256 bits nobody can guess; only its hash is stored. */
export function newToken(): string {
  return `bob_at_${randomBytes(32).toString('base64url')}`;
}

/** For a mail: `pr` sets a new password, `in` accepts an invite. */
export function newMailToken(kind: 'pr' | 'in'): string {
  return `bob_${kind}_${randomBytes(32).toString('base64url')}`;
}

export const TOKEN_SHAPE = /^bob_at_[\w-]{43}$/;

export function tokenHashOf(token: string): string {
  return sha256Hex(token);
}

/** Follows from the token, which scripts cannot read from the cookie: another site knows neither. */
export function csrfTokenOf(token: string): string {
  return sha256Hex(`csrf ${token}`);
}
