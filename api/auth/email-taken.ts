import { Problem } from '#contract/problems.ts';

/** Said only to somebody who proved the address, pays for the question with a rate, or asks about a colleague. */
export function emailTaken(remedy: string): Problem {
  return new Problem('email-taken', { detail: `This e-mail address already has an account. ${remedy}` });
}
