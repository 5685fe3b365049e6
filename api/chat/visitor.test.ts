import { once } from 'node:events';
import type { AddressInfo } from 'node:net';

import Koa from 'koa';
import { describe, expect, it } from 'vitest';

import { Problem } from '#contract/problems.ts';
import type { LocatedChat } from '#models/locate-chat.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newSecretKey, openKeyRing } from '#platform/key-ring.ts';

import { newVisitorSecret, sessionTokenOf } from './session-proof.ts';
import { admitTenant, publicTenant, requireProof, type Visitor, visitorOf } from './visitor.ts';

const ring = openKeyRing(newSecretKey('k1'));
const SECRET = newVisitorSecret();
const VISITOR: Visitor = { secret: SECRET, hash: sha256Hex(SECRET), token: '' };
const SESSION = { id: 'ses_0195f3a0000070008000000000000002', state: 'open', visitorHash: VISITOR.hash } as const;

const LOCATED: LocatedChat = {
  tenantId: '0195f3a0-0000-7000-8000-000000000001',
  isOperator: false,
  publicChat: true,
  originListed: true,
  language: 'en',
  languages: null,
  persona: {
    id: 'per_0195f3a0000070008000000000000006',
    versionId: 'pvr_0195f3a0000070008000000000000007',
    number: 1,
  },
  session: null,
  accepted: null,
};

function slugOf(run: () => unknown): string {
  try {
    run();
    return 'admitted';
  } catch (error) {
    if (error instanceof Problem) return error.slug;
    throw error;
  }
}

it('a page that names no business talks with the operator’s own Bob', () => {
  expect(publicTenant(undefined)).toEqual({ businessId: 'office16852-platform' });
  expect(publicTenant('demo')).toEqual({ businessId: 'demo' });
});

it('a business that did not open its public chat is as good as absent', () => {
  const slugs = [null, { ...LOCATED, publicChat: false }].map((located) => slugOf(() => admitTenant(located)));
  expect(slugs).toEqual(['business-not-found', 'business-not-found']);
  expect(admitTenant(LOCATED)).toBe(LOCATED);
  expect(admitTenant({ ...LOCATED, publicChat: false, isOperator: true })).toMatchObject({ isOperator: true });
});

describe('a session that exists', () => {
  const stranger: Visitor = { ...VISITOR, secret: newVisitorSecret() };
  const asked = (visitor: Visitor, clientSessionId = 'session_123') =>
    slugOf(() => requireProof(ring, SESSION, { clientSessionId, visitor }));

  it('goes on for the browser that began it', () => {
    expect(asked(VISITOR)).toBe('admitted');
  });

  it('stays closed to a stranger who only guessed its name', () => {
    expect(asked(stranger)).toBe('session-proof-required');
  });

  it('goes on with its token, or under a name that is a secret', () => {
    expect(asked({ ...stranger, token: sessionTokenOf(ring, SESSION.id) })).toBe('admitted');
    expect(asked(stranger, newVisitorSecret())).toBe('admitted');
  });
});

it.each([
  { isHttps: true, flags: ['httponly', 'samesite=lax', 'secure'] },
  { isHttps: false, flags: ['httponly', 'samesite=lax'] },
])('the cookie of a browser is out of reach of scripts, and travels on TLS alone where we have it', async (given) => {
  const app = new Koa().use((ctx) => {
    ctx.body = visitorOf(ctx, given).hash;
  });
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  try {
    const { port } = server.address() as AddressInfo;
    // TLS ends in front of us: this connection is a plain one either way.
    const response = await fetch(`http://127.0.0.1:${port}/`);
    const [cookie = '', ...flags] = (response.headers.get('set-cookie') ?? '').split('; ');
    expect(flags.filter((flag) => !/^(path|expires)=/.test(flag)).toSorted()).toEqual(given.flags);
    expect(await response.text()).toBe(sha256Hex(cookie.slice('bob_visitor='.length)));
    const again = await fetch(`http://127.0.0.1:${port}/`, { headers: { cookie } });
    expect(again.headers.get('set-cookie')).toBeNull();
  } finally {
    server.close();
  }
});
