import type { Knex } from 'knex';
import type { ParameterizedContext } from 'koa';

import type { LogIn } from '#contract/auth.ts';
import { Problem } from '#contract/problems.ts';
import type { Realm } from '#domain/permissions.ts';
import type { AppUser } from '#models/app-user.ts';
import { openAuthSession } from '#models/auth-session.ts';
import { requireTenant } from '#models/tenant.ts';
import type { Clock } from '#platform/clock.ts';

import type { BodyState } from '../state.ts';
import { presentLoggedIn } from './presenter.ts';
import { setSessionCookie } from './session-cookie.ts';
import { createSignIn } from './sign-in.ts';
import { csrfTokenOf, newToken, tokenHashOf } from './tokens.ts';

/** One life for token and cookie: a working day. */
const SESSION_MS = 12 * 3_600_000;

type LogInContext = ParameterizedContext<BodyState<LogIn>>;

/** Makes the handler of either realm. Each sign-in opens a session of its own: no id from before survives it. */
export function createLogIn({ knex, clock, isHttps }: { knex: Knex; clock: Clock; isHttps: boolean }) {
  const signIn = createSignIn({ knex, clock });

  async function open(ctx: LogInContext, user: AppUser): Promise<void> {
    const token = newToken();
    const at = clock.now();
    const expiresAt = new Date(at.getTime() + SESSION_MS);
    await openAuthSession(knex, { ...user, tokenHash: tokenHashOf(token), at, expiresAt });
    const tenant = await requireTenant(knex, user.tenantId);
    setSessionCookie(ctx, { token, expiresAt, isHttps });
    ctx.body = presentLoggedIn({ token, csrfToken: csrfTokenOf(token), expiresAt, user, tenant });
  }

  return (realm: Realm) =>
    async (ctx: LogInContext): Promise<void> => {
      const { email, password } = ctx.state.body;
      const result = await signIn({ realm, email, password, address: ctx.ip });
      switch (result.state) {
        case 'signed-in':
          return open(ctx, result.user);
        case 'wrong':
          throw new Problem('invalid-credentials', { detail: 'E-mail address or password is wrong.' });
        case 'locked':
          throw new Problem('rate-limited', {
            detail: 'Too many wrong passwords. Wait until the time in Retry-After has passed.',
            headers: { 'Retry-After': String(result.retryAfterSeconds) },
          });
        case 'busy':
          throw new Problem('unavailable', {
            detail: 'Too many people sign in at this moment. Please try again.',
            headers: { 'Retry-After': '5' },
          });
        default:
          return result satisfies never;
      }
    };
}
