import type { ParameterizedContext } from 'koa';

import type { LogIn } from '#contract/auth.ts';
import { Problem } from '#contract/problems.ts';
import type { Realm } from '#domain/permissions.ts';

import type { BodyState } from '../state.ts';
import type { OpenSession } from './open-session.ts';
import { presentLoggedIn } from './presenter.ts';
import type { SignIn } from './sign-in.ts';
import { signInProblem } from './sign-in-problem.ts';

type LogInContext = ParameterizedContext<BodyState<LogIn>>;

/** Makes the handler of either realm. */
export function createLogIn({ signIn, openSession }: { signIn: SignIn; openSession: OpenSession }) {
  return (realm: Realm) =>
    async (ctx: LogInContext): Promise<void> => {
      const { email, password } = ctx.state.body;
      const result = await signIn({ realm, email, password, address: ctx.ip });
      if (result.state !== 'signed-in') throw signInProblem(result, wrongCredentials);
      const session = await openSession(ctx, result.user);
      if (session === null) throw wrongCredentials();
      ctx.body = presentLoggedIn(session);
    };
}

function wrongCredentials(): Problem {
  return new Problem('invalid-credentials', { detail: 'E-mail address or password is wrong.' });
}
