import { expect, it } from 'vitest';

import { nextShare } from './flood-share.ts';

const FLOOD = { limit: 100, sinceRefusalMs: 10 };

function shareAfter(steps: number, share: number, waiting: number): number {
  return steps === 0 ? share : shareAfter(steps - 1, nextShare({ ...FLOOD, share, waiting }), waiting);
}

it('a flood whose turns queue is given fewer places, step by step, and never none', () => {
  expect(nextShare({ ...FLOOD, share: 100, waiting: 60 })).toBe(70);
  expect(shareAfter(30, 100, 100)).toBe(10);
});

it('as soon as nothing queues it is given more again, up to what the policy says', () => {
  expect(nextShare({ ...FLOOD, share: 10, waiting: 0 })).toBe(11);
  expect(shareAfter(60, 10, 0)).toBe(100);
});

it('whoever is not refused has the whole limit, however much of it waits', () => {
  expect(nextShare({ share: 10, limit: 100, waiting: 100, sinceRefusalMs: 5001 })).toBe(100);
});

it('where some wait and most do not, its share stays', () => {
  expect(nextShare({ ...FLOOD, share: 20, waiting: 8 })).toBe(20);
});

it('a limit below the smallest share stays the limit', () => {
  expect(nextShare({ share: 2, limit: 2, waiting: 2, sinceRefusalMs: 0 })).toBe(2);
});
