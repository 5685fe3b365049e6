import { randomBytes } from 'node:crypto';

import { Router } from '@koa/router';

import { SignUp } from '#contract/auth.ts';
import { Problem } from '#contract/problems.ts';
import { businessIdsFor } from '#domain/business-id.ts';
import { signUp } from '#models/commands/sign-up.ts';

import type { ApiDeps } from '../deps.ts';
import { limitSignUp } from '../limits/limit-by-address.ts';
import { noStore } from '../middleware/no-store.ts';
import { validateBody } from '../middleware/validate-body.ts';
import type { BodyState, RequestState } from '../state.ts';
import { emailTaken } from './email-taken.ts';
import { hashNewPassword } from './hash-new-password.ts';
import type { OpenSession } from './open-session.ts';
import { presentSignedUp } from './presenter.ts';

const SUFFIX_BYTES = 3;
const SUFFIX_COUNT = 4;

/** A business comes in by itself. It takes no `Idempotency-Key`: a second try finds its address taken and signs in. */
export function signUpRoutes(
  { knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>,
  openSession: OpenSession,
): Router<RequestState> {
  const router = new Router<RequestState>();
  router.post<BodyState<SignUp>>(
    '/api/customers/auth/signup',
    noStore(),
    validateBody(SignUp),
    limitSignUp(),
    async (ctx) => {
      const { email, password, business_name: name, language } = ctx.state.body;
      // Before anybody looks at the address, so that the time does not tell whether it is taken.
      const passwordHash = await hashNewPassword(password);
      const businessIds = businessIdsFor(name, newSuffixes());
      const made = await signUp(knex, { name, businessIds, email, passwordHash, language, at: clock.now() });
      if (made.state === 'email-taken') throw emailTaken('Sign in, or ask for a new password.');
      const { tenantId, userId } = made;
      const user = { tenantId, userId, realm: 'tenant', role: 'owner', email, name, passwordHash } as const;
      const session = await openSession(ctx, user);
      if (session === null) throw new Problem('conflict', { detail: 'The password was changed meanwhile. Sign in.' });
      ctx.status = 201;
      ctx.body = presentSignedUp(session, { widgetKey: made.widgetKey, persona: made.persona });
    },
  );
  return router;
}

/** For names that are taken. */
export function newSuffixes(): string[] {
  return Array.from({ length: SUFFIX_COUNT }, () => randomBytes(SUFFIX_BYTES).toString('hex'));
}
