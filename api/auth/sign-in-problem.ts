import { Problem } from '#contract/problems.ts';

import type { SignInResult } from './sign-in.ts';

type Refused = Exclude<SignInResult, { state: 'signed-in' }>;

/** What a refused password is answered with; `wrong` is said differently at the door and inside. */
export function signInProblem(refused: Refused, wrong: () => Problem): Problem {
  switch (refused.state) {
    case 'wrong':
      return wrong();
    case 'locked':
      return new Problem('rate-limited', {
        detail: 'Too many wrong passwords. Wait until the time in Retry-After has passed.',
        headers: { 'Retry-After': String(refused.retryAfterSeconds) },
      });
    case 'busy':
      return signInBusy();
    default:
      return refused satisfies never;
  }
}

/** Checking and making password hashes is dear: more wait than can be served soon. */
export function signInBusy(): Problem {
  return new Problem('unavailable', {
    detail: 'Too many people sign in at this moment. Please try again.',
    headers: { 'Retry-After': '5' },
  });
}
