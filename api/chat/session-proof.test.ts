import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { toId, type SessionId } from '#domain/ids.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newSecretKey, openKeyRing } from '#platform/key-ring.ts';

import { newVisitorSecret, provesSession, sessionTokenOf, type ProofClaim } from './session-proof.ts';

const OLD = newSecretKey('k1');
const ring = openKeyRing(OLD);
const SESSION: SessionId = 'ses_0195f3a0000070008000000000000002';
const SECRET = newVisitorSecret();
const STRANGER: ProofClaim = {
  sessionId: SESSION,
  clientSessionId: 'session_123',
  token: '',
  visitorSecret: null,
  visitorHash: sha256Hex(SECRET),
};

it('a plain session name alone proves nothing', () => {
  expect(provesSession(ring, STRANGER)).toBe(false);
  expect(provesSession(ring, { ...STRANGER, clientSessionId: 'x'.repeat(21) })).toBe(false);
  expect(provesSession(ring, { ...STRANGER, clientSessionId: 'not url-safe: but long enough' })).toBe(false);
});

it('a session name that is a secret by its length proves itself', () => {
  expect(provesSession(ring, { ...STRANGER, clientSessionId: newVisitorSecret() })).toBe(true);
  expect(provesSession(ring, { ...STRANGER, clientSessionId: 'x'.repeat(22) })).toBe(true);
});

it('the browser that began the session may go on, another one may not', () => {
  expect(provesSession(ring, { ...STRANGER, visitorSecret: SECRET })).toBe(true);
  expect(provesSession(ring, { ...STRANGER, visitorSecret: newVisitorSecret() })).toBe(false);
  expect(provesSession(ring, { ...STRANGER, visitorSecret: SECRET, visitorHash: null })).toBe(false);
});

describe('the session token', () => {
  it('opens its own session and no other one', () => {
    fc.assert(
      fc.property(fc.uuid(), fc.uuid(), (one, other) => {
        const token = sessionTokenOf(ring, toId('ses', one));
        const proves = (uuid: string) => provesSession(ring, { ...STRANGER, sessionId: toId('ses', uuid), token });
        expect(proves(one)).toBe(true);
        expect(proves(other)).toBe(one === other);
      }),
    );
  });

  it('outlives a rotation of the keys, but not the end of its key', () => {
    const token = sessionTokenOf(ring, SESSION);
    expect(provesSession(openKeyRing(`${newSecretKey('k2')},${OLD}`), { ...STRANGER, token })).toBe(true);
    expect(provesSession(openKeyRing(newSecretKey('k2')), { ...STRANGER, token })).toBe(false);
    expect(provesSession(openKeyRing(newSecretKey('k1')), { ...STRANGER, token })).toBe(false);
  });

  it('changed anywhere, cut or made up proves nothing and breaks nothing', () => {
    const token = sessionTokenOf(ring, SESSION);
    const changed = fc.nat({ max: token.length - 2 }).map((at) => {
      const other = token[at] === 'A' ? 'B' : 'A';
      return `${token.slice(0, at)}${other}${token.slice(at + 1)}`;
    });
    fc.assert(
      fc.property(fc.oneof(changed, fc.string()), (forged) => {
        expect(provesSession(ring, { ...STRANGER, token: forged })).toBe(false);
      }),
    );
    expect(provesSession(ring, { ...STRANGER, token: 'k1.' })).toBe(false);
  });
});
