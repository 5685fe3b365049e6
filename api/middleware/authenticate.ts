import { Problem } from '#contract/problems.ts';
import { constantTimeEqual } from '#platform/digest.ts';
import type { ParameterizedContext } from 'koa';

import { isProvenSameOrigin } from '../policies/request-origin.ts';
import type { Credential, SignedInState, Step } from '../state.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const ANONYMOUS_DETAIL = 'Sign in at /api/auth/login or /api/customers/auth/login, then send Authorization: Bearer.';

/** Only signed-in callers pass. A cookie that changes something must also prove that our own page sent it. */
export function authenticate({ detail = ANONYMOUS_DETAIL }: { detail?: string } = {}): Step<SignedInState> {
  return async (ctx, next) => {
    ctx.set('Cache-Control', 'no-store');
    const caller = await ctx.state.identify();
    if (caller === null) {
      throw new Problem('unauthenticated', { detail, headers: { 'WWW-Authenticate': 'Bearer realm="bob"' } });
    }
    if (caller.credential.kind === 'cookie' && !SAFE_METHODS.has(ctx.method)) requireCsrfProof(ctx, caller.credential);
    ctx.state.actor = caller.actor;
    ctx.state.credential = caller.credential;
    await next();
  };
}

function requireCsrfProof(ctx: ParameterizedContext<SignedInState>, credential: Credential): void {
  const claims = {
    fetchSite: ctx.get('Sec-Fetch-Site'),
    origin: ctx.get('Origin'),
    ownOrigin: ctx.state.ownOrigin,
  };
  if (!isProvenSameOrigin(claims)) {
    throw new Problem('csrf-failed', { detail: 'Requests signed in by cookie must come from a page of this site.' });
  }
  if (!constantTimeEqual(Buffer.from(ctx.get('X-CSRF-Token')), Buffer.from(credential.csrfToken))) {
    throw new Problem('csrf-failed', { detail: 'Send X-CSRF-Token; GET /api/auth/me tells its value.' });
  }
}
