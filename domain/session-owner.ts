import type { UserId } from './ids.ts';
import type { Owner } from './turn.ts';

/** Who speaks in a session. A person is named exactly while one is in charge; each change raises the epoch by one. */
export interface SessionOwner {
  state: 'open' | 'closed';
  owner: Owner;
  userId: UserId | null;
  epoch: number;
}

export type OwnerChange =
  | { kind: 'take_over'; by: UserId }
  | { kind: 'assign'; to: UserId }
  | { kind: 'hand_back' }
  | { kind: 'close'; by: UserId };

export type OwnerDecision =
  | { kind: 'changed'; after: SessionOwner }
  /** It is so already: asked twice is answered twice the same. */
  | { kind: 'unchanged' }
  | { kind: 'already-owned'; by: UserId }
  | { kind: 'closed' };

/**
 * Which change is allowed from where. Nobody takes a conversation out of a colleague's hands: that is what assigning is
 * for. Who closes one is in charge of it from then on, so that no message still waiting in it is answered by Bob.
 */
export function decideOwner(before: SessionOwner, change: OwnerChange): OwnerDecision {
  if (before.state === 'closed') return change.kind === 'close' ? { kind: 'unchanged' } : { kind: 'closed' };
  switch (change.kind) {
    case 'take_over':
      return toPerson(before, change.by, { displaces: false });
    case 'assign':
      return toPerson(before, change.to, { displaces: true });
    case 'hand_back':
      return before.owner === 'ai' ? { kind: 'unchanged' } : changed(before, { owner: 'ai', userId: null });
    case 'close':
      return changed(before, { state: 'closed', owner: 'human', userId: change.by });
  }
}

function toPerson(before: SessionOwner, userId: UserId, { displaces }: { displaces: boolean }): OwnerDecision {
  const inCharge = before.owner === 'human' ? before.userId : null;
  if (inCharge === userId) return { kind: 'unchanged' };
  if (inCharge !== null && !displaces) return { kind: 'already-owned', by: inCharge };
  return changed(before, { owner: 'human', userId });
}

function changed(before: SessionOwner, change: Partial<SessionOwner>): OwnerDecision {
  return { kind: 'changed', after: { ...before, ...change, epoch: before.epoch + 1 } };
}
