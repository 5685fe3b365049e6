import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import type { UserId } from './ids.ts';
import { decideOwner, type OwnerChange, type SessionOwner } from './session-owner.ts';

const ANA: UserId = 'usr_ana';
const BEN: UserId = 'usr_ben';
const START: SessionOwner = { state: 'open', owner: 'ai', userId: null, epoch: 0 };

const person = fc.constantFrom(ANA, BEN);
const change: fc.Arbitrary<OwnerChange> = fc.oneof(
  fc.record({ kind: fc.constant('take_over' as const), by: person }),
  fc.record({ kind: fc.constant('assign' as const), to: person }),
  fc.record({ kind: fc.constant('hand_back' as const) }),
  fc.record({ kind: fc.constant('close' as const), by: person }),
);
/** Where a session may stand before any of them: Bob hands one to the queue by himself. */
const start = fc.constantFrom<SessionOwner>(START, { ...START, owner: 'queue', epoch: 3 });

/** Runs changes one after another and shows each with what was before and after it. */
function run(first: SessionOwner, changes: readonly OwnerChange[]) {
  let before = first;
  return changes.map((asked) => {
    const decision = decideOwner(before, asked);
    const step = { before, asked, decision, after: decision.kind === 'changed' ? decision.after : before };
    before = step.after;
    return step;
  });
}

function always(law: (step: ReturnType<typeof run>[number]) => void): void {
  fc.assert(
    fc.property(start, fc.array(change, { maxLength: 30 }), (first, changes) => run(first, changes).forEach(law)),
  );
}

describe('the owner of a session', () => {
  test('counts one epoch for each change and none for anything else', () => {
    always(({ before, decision, after }) => {
      expect(after.epoch - before.epoch).toBe(decision.kind === 'changed' ? 1 : 0);
    });
  });

  test('is a named person exactly while a person is in charge', () => {
    always(({ after }) => expect(after.userId !== null).toBe(after.owner === 'human'));
  });

  test('becomes Bob by a hand-back and by nothing else', () => {
    always(({ before, asked, after }) => {
      if (before.owner !== 'ai' && after.owner === 'ai') expect(asked.kind).toBe('hand_back');
    });
  });

  test('is never taken from a person by a takeover, who is told whose it is', () => {
    always(({ before, asked, decision, after }) => {
      if (asked.kind !== 'take_over' || before.state === 'closed' || before.owner !== 'human') return;
      expect(after.userId).toBe(before.userId);
      expect(decision).toEqual(
        asked.by === before.userId ? { kind: 'unchanged' } : { kind: 'already-owned', by: before.userId },
      );
    });
  });

  test('stays as it is once the session is closed', () => {
    always(({ before, after }) => {
      if (before.state === 'closed') expect(after).toEqual(before);
    });
  });

  test('asked for the same thing twice, is the same after both', () => {
    always(({ asked, decision, after }) => {
      if (decision.kind === 'changed') expect(decideOwner(after, asked)).toEqual({ kind: 'unchanged' });
    });
  });
});

test('a closed session takes no other change than being closed', () => {
  const closed: SessionOwner = { state: 'closed', owner: 'human', userId: ANA, epoch: 4 };
  expect(decideOwner(closed, { kind: 'close', by: BEN })).toEqual({ kind: 'unchanged' });
  expect(decideOwner(closed, { kind: 'take_over', by: ANA })).toEqual({ kind: 'closed' });
  expect(decideOwner(closed, { kind: 'hand_back' })).toEqual({ kind: 'closed' });
});

test('who closes a session is in charge of it, so that Bob answers nothing that still waits', () => {
  expect(decideOwner(START, { kind: 'close', by: ANA })).toEqual({
    kind: 'changed',
    after: { state: 'closed', owner: 'human', userId: ANA, epoch: 1 },
  });
});
