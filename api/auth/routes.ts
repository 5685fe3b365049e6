import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { LogIn, LogOut } from '#contract/auth.ts';
import { revokeAuthSession, revokeAuthSessionsOf } from '#models/auth-session.ts';
import { requireTenant } from '#models/tenant.ts';

import type { ApiDeps } from '../deps.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { noStore } from '../middleware/no-store.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { isPublishedOnHttps } from '../policies/is-published-on-https.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { acceptRoutes } from './accept-routes.ts';
import { createLogIn } from './log-in.ts';
import { createOpenSession } from './open-session.ts';
import { passwordRoutes } from './password-routes.ts';
import { presentMe } from './presenter.ts';
import { PREFIX_OF } from './realms.ts';
import { clearSessionCookie } from './session-cookie.ts';
import { createSignIn } from './sign-in.ts';
import { signUpRoutes } from './sign-up-routes.ts';

type LogOutContext = ParameterizedContext<SignedInState & BodyState<LogOut>>;

/** How people come in, change their password, and leave. Both realms do it the same way. */
export function authRoutes(deps: Pick<ApiDeps, 'knex' | 'clock' | 'env' | 'mailer'>): Router<RequestState> {
  const { knex, clock, env } = deps;
  const router = new Router<RequestState>();
  const isHttps = isPublishedOnHttps(env.PUBLIC_URL);
  const signIn = createSignIn({ knex, clock });
  const openSession = createOpenSession({ knex, clock, isHttps });
  const logIn = createLogIn({ signIn, openSession });

  async function logOut(ctx: LogOutContext): Promise<void> {
    const { actor, credential, body } = ctx.state;
    const at = clock.now();
    if (body.everywhere === true) await revokeAuthSessionsOf(knex, actor.tenantId, { userId: actor.userId, at });
    else await revokeAuthSession(knex, actor.tenantId, { tokenHash: credential.tokenHash, at });
    if (credential.kind === 'cookie') clearSessionCookie(ctx, { isHttps });
    ctx.status = 204;
  }

  for (const realm of ['operator', 'tenant'] as const) {
    const prefix = PREFIX_OF[realm];
    // The right password costs as much work as a wrong one, and is not counted against the account.
    router.post<BodyState<LogIn>>(`${prefix}/login`, noStore(), limitReads(), validateBody(LogIn), logIn(realm));
    router.post<SignedInState & BodyState<LogOut>>(
      `${prefix}/logout`,
      authenticate({ peopleOnly: true, whileSuspended: true }),
      validateBody(LogOut),
      logOut,
    );
  }
  router.get<SignedInState>('/api/auth/me', authenticate(), async (ctx) => {
    ctx.body = presentMe(ctx.state, await requireTenant(knex, ctx.state.actor.tenantId));
  });
  for (const part of [signUpRoutes(deps, openSession), passwordRoutes(deps, signIn), acceptRoutes(deps, openSession)]) {
    router.use(part.routes());
  }
  return router;
}
