import { Problem } from '#contract/problems.ts';
import type { AssignRefused } from '#models/commands/assign-session.ts';
import type { HandbackRefused } from '#models/commands/hand-back.ts';

export type Refusal = AssignRefused | HandbackRefused;

/** Why a command changed nothing, as its caller is told. */
export function problemOf(refused: Refusal): Problem {
  switch (refused.kind) {
    case 'missing':
      return noSession();
    case 'closed':
      return new Problem('session-closed', { detail: 'This conversation is closed. Nothing can be done in it.' });
    case 'already-owned':
      return new Problem('already-owned', {
        detail: 'A colleague is in charge of this conversation.',
        extensions: { owner: { id: refused.by.userId, name: refused.by.name }, owner_epoch: refused.epoch },
      });
    case 'already-bobs':
      return new Problem('already-owned', {
        detail: 'Bob is in charge of this conversation already.',
        extensions: { owner: null, owner_epoch: refused.epoch },
      });
    case 'no-responder':
      return new Problem('no-responder', {
        detail: 'Bob cannot answer here now: the persona is archived, the business is paused, or no credits are left.',
      });
    case 'no-such-user':
      return new Problem('not-found', { detail: 'No colleague has this user_id.' });
    case 'may-not-supervise':
      return new Problem('invalid-body', {
        detail: 'One field is wrong.',
        extensions: {
          errors: [
            {
              pointer: '/user_id',
              code: 'may_not_supervise',
              detail: 'The role of this colleague lacks the permission sessions.supervise',
            },
          ],
        },
      });
  }
}

export function noSession(): Problem {
  return new Problem('not-found', { detail: 'No conversation has this id.' });
}
