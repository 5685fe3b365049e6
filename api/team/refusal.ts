import { Problem } from '#contract/problems.ts';
import type { ChangedMember } from '#models/commands/change-member.ts';

type Refused = Exclude<ChangedMember, { state: 'changed' }>;

/** Why a colleague stays as they are. */
export function refusal({ state }: Refused): Problem {
  switch (state) {
    case 'not-found':
      return new Problem('not-found', { detail: 'Nobody of your team has this id.' });
    case 'foreign-role':
      return foreignRole();
    case 'above-you':
      return aboveYou();
    case 'last-keeper':
      return new Problem('last-owner', {
        detail: 'Nobody else could let people in. Make a colleague owner (at the operator: admin) first.',
      });
    default:
      return state satisfies never;
  }
}

export function aboveYou(): Problem {
  return new Problem('forbidden', { detail: 'This role may do more than you: only somebody with all of it can.' });
}

export function foreignRole(): Problem {
  return new Problem('invalid-body', {
    detail: 'One field is wrong.',
    extensions: {
      errors: [{ pointer: '/role', code: 'foreign_role', detail: 'There is no such role where you are signed in' }],
    },
  });
}
