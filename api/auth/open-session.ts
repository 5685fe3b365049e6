import type { Knex } from 'knex';
import type { ParameterizedContext } from 'koa';

import type { AppUser } from '#models/app-user.ts';
import { openAuthSession } from '#models/auth-session.ts';
import { requireTenant } from '#models/tenant.ts';
import type { Clock } from '#platform/clock.ts';

import type { RequestState } from '../state.ts';
import type { OpenedSession } from './presenter.ts';
import { setSessionCookie } from './session-cookie.ts';
import { csrfTokenOf, newToken, tokenHashOf } from './tokens.ts';

/** One life for token and cookie: a working day. */
const SESSION_MS = 12 * 3_600_000;

/** Null where the password that was just right is no longer the one. */
export type OpenSession = (ctx: ParameterizedContext<RequestState>, user: AppUser) => Promise<OpenedSession | null>;

/** Each sign-in opens a session of its own: no id from before survives it. */
export function createOpenSession({
  knex,
  clock,
  isHttps,
}: {
  knex: Knex;
  clock: Clock;
  isHttps: boolean;
}): OpenSession {
  return async function openSession(ctx, user) {
    const token = newToken();
    const at = clock.now();
    const expiresAt = new Date(at.getTime() + SESSION_MS);
    if (!(await openAuthSession(knex, { ...user, tokenHash: tokenHashOf(token), at, expiresAt }))) return null;
    const tenant = await requireTenant(knex, user.tenantId);
    setSessionCookie(ctx, { token, expiresAt, isHttps });
    return { token, csrfToken: csrfTokenOf(token), expiresAt, user, tenant };
  };
}
