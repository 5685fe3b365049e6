import { expect, it } from 'vitest';

import { isCharged, releaseReasonOf } from './ended-turn.ts';
import { OUTCOMES } from './turn.ts';

it('only delivered words of a model are charged', () => {
  expect(OUTCOMES.filter(isCharged)).toEqual(['answered', 'escalated']);
});

it('every other outcome gives its hold back for a reason of its own kind', () => {
  const free = OUTCOMES.filter((outcome) => !isCharged(outcome));
  expect(Object.fromEntries(free.map((outcome) => [outcome, releaseReasonOf(outcome)]))).toEqual({
    refused: 'refused',
    blocked: 'blocked',
    credit_stopped: 'credit_stopped',
    suppressed_by_human: 'withheld',
    superseded: 'superseded',
    failed: 'failed',
  });
});

it('an answer whose words reached nobody is released like the refusal or the block it became', () => {
  expect(releaseReasonOf('answered')).toBe('refused');
  expect(releaseReasonOf('escalated')).toBe('blocked');
});
