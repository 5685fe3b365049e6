import { Router } from '@koa/router';

import { AcceptInvite } from '#contract/auth.ts';
import { Problem } from '#contract/problems.ts';
import type { AppUser } from '#models/app-user.ts';
import { acceptInvite, type Accepted } from '#models/commands/accept-invite.ts';
import { findInvitingTenant } from '#models/invite.ts';
import { requireTenant } from '#models/tenant.ts';

import type { ApiDeps } from '../deps.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { noStore } from '../middleware/no-store.ts';
import { validateBody } from '../middleware/validate-body.ts';
import type { BodyState, RequestState } from '../state.ts';
import { seatLimitReached } from '../team/seat-limit-reached.ts';
import { emailTaken } from './email-taken.ts';
import { hashNewPassword } from './hash-new-password.ts';
import { linkEnded } from './link-ended.ts';
import type { OpenSession } from './open-session.ts';
import { presentLoggedIn } from './presenter.ts';
import { tokenHashOf } from './tokens.ts';

/** Joining a team, of either realm: the token finds it. Ends as a log-in does. */
export function acceptRoutes(
  { knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>,
  openSession: OpenSession,
): Router<RequestState> {
  const router = new Router<RequestState>();
  router.post<BodyState<AcceptInvite>>(
    '/api/customers/auth/invites/accept',
    noStore(),
    validateBody(AcceptInvite),
    limitReads(),
    async (ctx) => {
      const { token, name, password } = ctx.state.body;
      const sent = { tokenHash: tokenHashOf(token), at: clock.now() };
      const tenantId = await findInvitingTenant(knex, sent);
      if (tenantId === null) throw linkEnded();
      const { status } = await requireTenant(knex, tenantId);
      if (status === 'suspended') throw new Problem('tenant-suspended', { detail: 'Nobody can join at the moment.' });
      const passwordHash = await hashNewPassword(password);
      const user = joined(await acceptInvite(knex, tenantId, { ...sent, name, passwordHash }));
      const session = await openSession(ctx, user);
      if (session === null) throw new Problem('conflict', { detail: 'The account was changed meanwhile. Sign in.' });
      ctx.body = presentLoggedIn(session);
    },
  );
  return router;
}

function joined(result: Accepted): AppUser {
  switch (result.state) {
    case 'joined':
      return result.user;
    case 'ended':
      throw linkEnded();
    case 'email-taken':
      throw emailTaken('It cannot join a second team; ask to be invited with another address.');
    case 'no-seat':
      throw seatLimitReached(result.limit);
    default:
      return result satisfies never;
  }
}
