import { expect, it } from 'vitest';

import { createTenantTally } from './tenant-tally.ts';

/** A database that has what was put in, and answers when it is told to. */
function startCounting(limit: number) {
  const acceptedAt: number[] = [];
  const reads: { before: number; answer(): void }[] = [];
  let nowMs = 1000;
  const tally = createTenantTally({
    limit,
    nowMs: () => nowMs,
    read(before) {
      const { promise, resolve } = Promise.withResolvers<{ count: number; limit: null }>();
      const answer = () => resolve({ count: acceptedAt.filter((at) => at < before.getTime()).length, limit: null });
      reads.push({ before: before.getTime(), answer });
      return promise;
    },
  });
  function accept(): void {
    const place = tally.take();
    acceptedAt.push(place.at.getTime());
    place.leave();
  }
  return { tally, reads, acceptedAt, accept, pass: (ms: number) => void (nowMs += ms) };
}

it('a message that is accepted while it is counted counts once, whether the count has seen it or not', async () => {
  const { tally, reads, acceptedAt, accept, pass } = startCounting(4);
  accept();
  pass(10);
  const place = tally.take();
  pass(10);
  const counting = tally.count();
  accept();
  acceptedAt.push(place.at.getTime());
  place.leave();
  reads[0]?.answer();
  await counting;
  // Three are under way: there is room for one more, and for no second one.
  expect(tally.isFull()).toBe(false);
  accept();
  expect(tally.isFull()).toBe(true);
});

it('what was counted is no longer kept here, so what ends makes room', async () => {
  const { tally, reads, acceptedAt, accept, pass } = startCounting(2);
  accept();
  accept();
  expect(tally.isFull()).toBe(true);
  acceptedAt.length = 0;
  pass(10);
  const counting = tally.count();
  reads[0]?.answer();
  await counting;
  expect(tally.isFull()).toBe(false);
});

it('who comes while it is counted waits for the same answer', async () => {
  const { tally, reads } = startCounting(2);
  const both = [tally.count(), tally.count()];
  reads[0]?.answer();
  await Promise.all(both);
  expect(reads).toHaveLength(1);
});

it('a count that fails leaves what was known, and the next one may succeed', async () => {
  let isAway = true;
  const tally = createTenantTally({
    limit: 2,
    nowMs: () => 5,
    read: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve({ count: 2, limit: null })),
  });
  await expect(tally.count()).rejects.toThrow('away');
  expect([tally.isFull(), tally.isOlder(Infinity)]).toEqual([false, true]);
  isAway = false;
  await tally.count();
  expect([tally.isFull(), tally.isOlder(Infinity)]).toEqual([true, false]);
});
