import { Problem } from '#contract/problems.ts';

/** One answer for a token that was used, has ended, or never was: nobody learns which. */
export function linkEnded(): Problem {
  return new Problem('link-ended', { detail: 'This link was used, is too old, or never was. Ask for a new one.' });
}
