import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { LogIn, LogOut } from '#contract/auth.ts';
import type { Realm } from '#domain/permissions.ts';
import { revokeAuthSession, revokeAuthSessionsOf } from '#models/auth-session.ts';
import { requireTenant } from '#models/tenant.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { noStore } from '../middleware/no-store.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { isPublishedOnHttps } from '../policies/is-published-on-https.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { createLogIn } from './log-in.ts';
import { presentMe } from './presenter.ts';
import { clearSessionCookie } from './session-cookie.ts';

const REALM_OF_PREFIX: Readonly<Record<string, Realm>> = { '/api/auth': 'operator', '/api/customers/auth': 'tenant' };

type LogOutContext = ParameterizedContext<SignedInState & BodyState<LogOut>>;

/** Both realms sign in the same way; the path says in which one an e-mail address is looked up. */
export function authRoutes({ knex, clock, env }: Pick<ApiDeps, 'knex' | 'clock' | 'env'>): Router<RequestState> {
  const router = new Router<RequestState>();
  const isHttps = isPublishedOnHttps(env.PUBLIC_URL);
  const logIn = createLogIn({ knex, clock, isHttps });

  async function logOut(ctx: LogOutContext): Promise<void> {
    const { actor, credential, body } = ctx.state;
    const at = clock.now();
    if (body.everywhere === true) await revokeAuthSessionsOf(knex, actor.tenantId, { userId: actor.userId, at });
    else await revokeAuthSession(knex, actor.tenantId, { tokenHash: credential.tokenHash, at });
    if (credential.kind === 'cookie') clearSessionCookie(ctx, { isHttps });
    ctx.status = 204;
  }

  for (const [prefix, realm] of Object.entries(REALM_OF_PREFIX)) {
    router.post<BodyState<LogIn>>(`${prefix}/login`, noStore(), validateBody(LogIn), logIn(realm));
    router.post<SignedInState & BodyState<LogOut>>(`${prefix}/logout`, authenticate(), validateBody(LogOut), logOut);
  }
  router.get<SignedInState>('/api/auth/me', authenticate(), async (ctx) => {
    ctx.body = presentMe(ctx.state, await requireTenant(knex, ctx.state.actor.tenantId));
  });
  return router;
}
