import { expect, it } from 'vitest';

import { createTenantTally } from './tenant-tally.ts';

/** A database that has what was put in, and answers when it is told to. */
function startCounting() {
  const acceptedAt: number[] = [];
  const reads: { before: number; answer(): void }[] = [];
  let nowMs = 1000;
  const tally = createTenantTally({
    nowMs: () => nowMs,
    read(before) {
      const { promise, resolve } = Promise.withResolvers<number>();
      const answer = () => resolve(acceptedAt.filter((at) => at < before.getTime()).length);
      reads.push({ before: before.getTime(), answer });
      return promise;
    },
  });
  function accept() {
    const place = tally.take();
    acceptedAt.push(place.at.getTime());
    place.settle();
    return place;
  }
  async function count(): Promise<void> {
    const counting = tally.count();
    reads.at(-1)?.answer();
    await counting;
  }
  return { tally, reads, acceptedAt, accept, count, pass: (ms: number) => void (nowMs += ms) };
}

it('a message that is accepted while it is counted counts once, whether the count has seen it or not', async () => {
  const { tally, reads, acceptedAt, accept, pass } = startCounting();
  accept();
  pass(10);
  const place = tally.take();
  pass(10);
  const counting = tally.count();
  accept();
  acceptedAt.push(place.at.getTime());
  place.settle();
  reads[0]?.answer();
  await counting;
  expect([tally.inFlight(), tally.hasElsewhere()]).toEqual([3, false]);
});

it('what is forgotten while it is counted counts once, whether the count has seen it or not', async () => {
  const { tally, reads, accept, pass } = startCounting();
  const seen = accept();
  pass(10);
  const counting = tally.count();
  pass(10);
  const unseen = accept();
  for (const place of [seen, unseen]) place.forget();
  expect(tally.inFlight()).toBe(2);
  reads[0]?.answer();
  await counting;
  expect([tally.inFlight(), tally.hasElsewhere()]).toEqual([2, true]);
});

it('what ended here makes room at once, counted or not', async () => {
  const { tally, acceptedAt, accept, count, pass } = startCounting();
  const [first, second] = [accept(), accept()];
  expect(tally.inFlight()).toBe(2);
  first.end();
  expect(tally.inFlight()).toBe(1);
  acceptedAt.length = 1;
  pass(10);
  await count();
  expect(tally.inFlight()).toBe(1);
  second.end();
  second.forget();
  expect([tally.inFlight(), tally.isIdle()]).toEqual([0, true]);
});

it('what other processes have accepted is known by counting', async () => {
  const { tally, acceptedAt, accept, count, pass } = startCounting();
  accept();
  acceptedAt.push(900, 950);
  pass(10);
  await count();
  expect([tally.inFlight(), tally.hasElsewhere()]).toEqual([3, true]);
});

it('whose end nobody here will hear of takes its place until a count', async () => {
  const { tally, acceptedAt, accept, count, pass } = startCounting();
  accept().forget();
  expect([tally.inFlight(), tally.hasElsewhere()]).toEqual([1, true]);
  pass(10);
  await count();
  expect(tally.inFlight()).toBe(1);
  acceptedAt.length = 0;
  await count();
  expect([tally.inFlight(), tally.hasElsewhere()]).toEqual([0, false]);
});

it('a tenant chats while a message waits, and for a while after its last one', () => {
  const { tally, accept, pass } = startCounting();
  expect(tally.isActive(100)).toBe(false);
  const place = accept();
  pass(500);
  expect(tally.isActive(100)).toBe(true);
  place.end();
  expect([tally.isActive(100), tally.isActive(501)]).toEqual([false, true]);
});

it('who comes while it is counted waits for the same answer', async () => {
  const { tally, reads } = startCounting();
  const both = [tally.count(), tally.count()];
  reads[0]?.answer();
  await Promise.all(both);
  expect(reads).toHaveLength(1);
});

it('a count that fails leaves what was known, and the next one may succeed', async () => {
  let isAway = true;
  const tally = createTenantTally({
    nowMs: () => 5,
    read: () => (isAway ? Promise.reject(new Error('away')) : Promise.resolve(2)),
  });
  await expect(tally.count()).rejects.toThrow('away');
  expect([tally.inFlight(), tally.isOlder(Infinity)]).toEqual([0, true]);
  isAway = false;
  await tally.count();
  expect([tally.inFlight(), tally.isOlder(Infinity)]).toEqual([2, false]);
});
