import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { ChangePassword, ForgotPassword, ResetPassword, type PasswordMailAsked } from '#contract/auth.ts';
import { Problem } from '#contract/problems.ts';
import { passwordMail } from '#domain/mail-texts.ts';
import type { Realm } from '#domain/permissions.ts';
import { askPasswordReset } from '#models/commands/ask-password-reset.ts';
import { changePassword } from '#models/commands/change-password.ts';
import { resetPassword } from '#models/commands/reset-password.ts';
import { findPasswordReset } from '#models/password-reset.ts';
import { forgiveSubject } from '#models/sign-in-failure.ts';

import type { ApiDeps } from '../deps.ts';
import { limitPasswordMail, limitReads } from '../limits/limit-by-address.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { noStore } from '../middleware/no-store.ts';
import { validateBody } from '../middleware/validate-body.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { hashNewPassword } from './hash-new-password.ts';
import { linkEnded } from './link-ended.ts';
import { createMailLinks } from './mail-links.ts';
import { PREFIX_OF } from './realms.ts';
import { accountSubject, type SignIn } from './sign-in.ts';
import { signInProblem } from './sign-in-problem.ts';
import { newMailToken, tokenHashOf } from './tokens.ts';

type PasswordDeps = Pick<ApiDeps, 'knex' | 'clock' | 'env' | 'mailer'>;

const ASKED: PasswordMailAsked = {
  detail: 'If this address has an account, a mail with a link is on its way. The link works for one hour.',
};

/** New passwords, by mail or by the old one. */
export function passwordRoutes(deps: PasswordDeps, signIn: SignIn): Router<RequestState> {
  const router = new Router<RequestState>();
  addForgot(router, deps, 'operator');
  addForgot(router, deps, 'tenant');
  addReset(router, deps, 'operator');
  addReset(router, deps, 'tenant');
  addChange(router, deps, signIn);
  return router;
}

/** Known or not, the answer is the same and as fast: everything else happens after it. */
function addForgot(router: Router<RequestState>, { knex, clock, env, mailer }: PasswordDeps, realm: Realm): void {
  const links = createMailLinks(env);
  router.post<BodyState<ForgotPassword>>(
    `${PREFIX_OF[realm]}/password/forgot`,
    noStore(),
    validateBody(ForgotPassword),
    limitPasswordMail(),
    async (ctx) => {
      const { email } = ctx.state.body;
      const at = clock.now();
      mailer.post({
        kind: 'new-password',
        async write() {
          const token = newMailToken('pr');
          const asked = await askPasswordReset(knex, { realm, email, tokenHash: tokenHashOf(token), at });
          if (asked === null) return null;
          return { to: email, ...passwordMail({ language: asked.language, link: links.newPassword(token, realm) }) };
        },
      });
      ctx.status = 202;
      ctx.body = ASKED;
    },
  );
}

function addReset(router: Router<RequestState>, { knex, clock }: PasswordDeps, realm: Realm): void {
  router.post<BodyState<ResetPassword>>(
    `${PREFIX_OF[realm]}/password/reset`,
    noStore(),
    validateBody(ResetPassword),
    limitReads(),
    async (ctx) => {
      const { token, password } = ctx.state.body;
      const sent = { realm, tokenHash: tokenHashOf(token), at: clock.now() };
      // Looked at before the dear work, so that made-up tokens cost next to nothing; used up only in the commit.
      if ((await findPasswordReset(knex, sent)) === null) throw linkEnded();
      const user = await resetPassword(knex, { ...sent, passwordHash: await hashNewPassword(password) });
      if (user === null) throw linkEnded();
      // Whoever reads the mail need not wait for the wrong guesses of somebody else.
      await forgiveSubject(knex, accountSubject({ realm, email: user.email }));
      ctx.status = 204;
    },
  );
}

function addChange(router: Router<RequestState>, { knex, clock }: PasswordDeps, signIn: SignIn): void {
  async function change(ctx: ParameterizedContext<SignedInState & BodyState<ChangePassword>>): Promise<void> {
    const { actor, credential, body } = ctx.state;
    const { tenantId, userId, realm, email } = actor;
    // As at the door: wrong ones are counted, so a stolen session is no way to guess the password.
    const checked = await signIn({ realm, email, password: body.current_password, address: ctx.ip });
    if (checked.state !== 'signed-in') throw signInProblem(checked, wrongPassword);
    const to = await hashNewPassword(body.new_password);
    const from = checked.user.passwordHash;
    const keepTokenHash = credential.tokenHash;
    const isChanged = await changePassword(knex, tenantId, { userId, from, to, keepTokenHash, at: clock.now() });
    if (!isChanged) throw wrongPassword();
    ctx.status = 204;
  }

  for (const prefix of Object.values(PREFIX_OF)) {
    router.put<SignedInState & BodyState<ChangePassword>>(
      `${prefix}/password`,
      authenticate({ peopleOnly: true, whileSuspended: true }),
      validateBody(ChangePassword),
      change,
    );
  }
}

function wrongPassword(): Problem {
  return new Problem('wrong-password', { detail: 'The current password is wrong.' });
}
