import { getEventListeners } from 'node:events';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { newId } from '#platform/new-id.ts';

import { createLiveHub } from './live-hub.ts';
import { lookAgain, type LookAgain } from './look-again.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

function begin() {
  const live = createLiveHub();
  const reader = new AbortController();
  const [session, turn, other] = [newId('ses'), newId('trn'), newId('trn')];
  const again = lookAgain(live, session, reader.signal);
  return { live, reader, session, turn, other, again };
}

/** How many looks there are until nothing wakes any more; the last one waits. */
async function countLooks(again: LookAgain): Promise<{ looks: () => number }> {
  let looks = 0;
  async function look(): Promise<void> {
    for (;;) {
      await again.next();
      looks += 1;
    }
  }
  void look();
  await vi.advanceTimersByTimeAsync(0);
  return { looks: () => looks };
}

it('a ring has the rows read again at once, and one that came while they were read as well', async () => {
  const { live, session, again } = begin();
  live.ring([session]);
  live.ring([session]);
  await again.next();
  const { looks } = await countLooks(again);
  expect(looks()).toBe(0);
  live.ring([session]);
  await vi.advanceTimersByTimeAsync(0);
  expect(looks()).toBe(1);
  again.leave();
});

it('a ring that is lost costs a second', async () => {
  const { again } = begin();
  const { looks } = await countLooks(again);
  await vi.advanceTimersByTimeAsync(999);
  expect(looks()).toBe(0);
  await vi.advanceTimersByTimeAsync(1);
  expect(looks()).toBe(1);
  again.leave();
});

it('beside its conversation it hears one running turn, the newest that it was told of', async () => {
  const { live, session, turn, other, again } = begin();
  const { looks } = await countLooks(again);
  again.alsoWatch(turn);
  again.alsoWatch(turn);
  expect(live.size()).toBe(2);
  const wake = async (topic: typeof turn | typeof session): Promise<number> => {
    live.ring([topic]);
    await vi.advanceTimersByTimeAsync(0);
    return looks();
  };
  expect(await wake(turn)).toBe(1);
  again.alsoWatch(other);
  expect(await wake(turn)).toBe(1);
  expect(await wake(other)).toBe(2);
  again.alsoWatch(null);
  expect(await wake(other)).toBe(2);
  expect(await wake(session)).toBe(3);
  again.leave();
});

it('a reader that goes ends the wait, and one that is gone already never waits', async () => {
  const { reader, again } = begin();
  const waiting = again.next();
  reader.abort();
  await waiting;
  await again.next();
  again.leave();
});

it('who leaves has no watch, timer or listener any more', () => {
  const { live, reader, turn, again } = begin();
  again.alsoWatch(turn);
  expect([live.size(), vi.getTimerCount()]).toEqual([2, 1]);
  again.leave();
  expect([live.size(), vi.getTimerCount(), getEventListeners(reader.signal, 'abort').length]).toEqual([0, 0, 0]);
});
