import { Problem } from '#contract/problems.ts';
import { constantTimeEqual } from '#platform/digest.ts';
import type { ParameterizedContext } from 'koa';

import { limitCaller } from '../limits/limit-caller.ts';
import { isProvenSameOrigin } from '../policies/request-origin.ts';
import type { Credential, SignedInState, Step } from '../state.ts';

const SAFE_METHODS = new Set(['GET', 'HEAD', 'OPTIONS']);
const ANONYMOUS_DETAIL = 'Sign in at /api/auth/login or /api/customers/auth/login, then send Authorization: Bearer.';

export interface Admission {
  /** What an anonymous caller is told. */
  detail?: string;
  /** For what belongs to a person alone: their sessions, their password. */
  peopleOnly?: boolean;
  /** For what changes nothing of the tenant's, such as leaving. */
  whileSuspended?: boolean;
}

/**
 * Only signed-in callers pass. A cookie that changes something must also prove that our own page sent it, and where the
 * tenant is suspended nothing is changed at all.
 */
export function authenticate(admission: Admission = {}): Step<SignedInState> {
  const { detail = ANONYMOUS_DETAIL, peopleOnly = false, whileSuspended = false } = admission;
  return async (ctx, next) => {
    ctx.set('Cache-Control', 'no-store');
    const caller = await ctx.state.identify();
    await limitCaller(ctx, caller);
    if (caller === null) {
      throw new Problem('unauthenticated', { detail, headers: { 'WWW-Authenticate': 'Bearer realm="bob"' } });
    }
    const { actor, credential } = caller;
    const isChange = !SAFE_METHODS.has(ctx.method);
    if (isChange && credential.kind === 'cookie') requireCsrfProof(ctx, credential);
    if (peopleOnly && actor.apiKeyId !== null) throw personRequired();
    if (isChange && !whileSuspended && actor.tenantStatus === 'suspended') throw suspended();
    ctx.state.actor = actor;
    ctx.state.credential = credential;
    await next();
  };
}

function personRequired(): Problem {
  return new Problem('person-required', {
    detail: 'This belongs to a person who signed in. An API key ends by DELETE /api/keys/{id}.',
  });
}

function suspended(): Problem {
  return new Problem('tenant-suspended', {
    detail: 'The operator has suspended this tenant: everything can be read, nothing changed.',
  });
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
