import { expect, it } from 'vitest';

import { FEEDBACK_REASONS, reasonCodeOf } from './feedback.ts';

it('a reason from the list is told as it is', () => {
  expect(FEEDBACK_REASONS.map(reasonCodeOf)).toEqual(FEEDBACK_REASONS);
});

it('a reason in free words is told as `other`, none as none', () => {
  expect(reasonCodeOf('You promised me a refund, said Ana')).toBe('other');
  expect(reasonCodeOf(null)).toBeNull();
});
