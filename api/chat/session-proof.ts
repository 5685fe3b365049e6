import { randomBytes } from 'node:crypto';

import { toUuid, type SessionId } from '#domain/ids.ts';
import { sha256Hex } from '#platform/digest.ts';
import type { KeyRing } from '#platform/key-ring.ts';

/** An id of this many URL-safe characters is a secret by itself; a shorter one can be guessed or is a plain name. */
const SECRET_ID = /^[\w-]{22,}$/;

export interface ProofClaim {
  sessionId: SessionId;
  clientSessionId: string;
  /** `X-Session-Token`, empty without one. */
  token: string;
  /** The visitor cookie, null without one. */
  visitorSecret: string | null;
  visitorHash: string | null;
}

/** Key id and HMAC-SHA-256 of the session's UUID: computed each time it is asked for, never stored. */
export function sessionTokenOf(keyRing: KeyRing, sessionId: SessionId): string {
  const { keyId, mac } = keyRing.mac(tokenText(sessionId));
  return `${keyId}.${mac.toString('base64url')}`;
}

/** Whether this caller may continue the session: by its token, the browser's cookie, or an id that is a secret. */
export function provesSession(keyRing: KeyRing, claim: ProofClaim): boolean {
  if (SECRET_ID.test(claim.clientSessionId)) return true;
  if (claim.visitorSecret !== null && sha256Hex(claim.visitorSecret) === claim.visitorHash) return true;
  const [keyId = '', mac = ''] = claim.token.split('.');
  const text = tokenText(claim.sessionId);
  return keyRing.verifyMac({ keyId, text, mac: Buffer.from(mac, 'base64url') });
}

export function newVisitorSecret(): string {
  return randomBytes(24).toString('base64url');
}

function tokenText(sessionId: SessionId): string {
  return `session-token/${toUuid(sessionId)}`;
}
