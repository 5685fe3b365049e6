import fc from 'fast-check';
import { expect, test } from 'vitest';

import { afterAttempt, windowOf, type LaneHealth } from './lane-health.ts';
import type { LaneNews } from './verdict.ts';

const LIMIT = 10;
const WELL: LaneHealth = {
  breaker: 'closed',
  probeInMs: null,
  parkMs: null,
  concurrency: LIMIT,
  consecutiveFailures: 0,
};
const FAILURE: LaneNews = { kind: 'failure', overloaded: false };

function after(health: LaneHealth, ...news: LaneNews[]): LaneHealth {
  return news.reduce((next, one) => afterAttempt(next, one, LIMIT), health);
}

/** The time of its probe has come. */
function probing(health: LaneHealth): LaneHealth {
  return { ...health, probeInMs: null };
}

test('four failures change nothing, the fifth opens the breaker', () => {
  const four = after(WELL, FAILURE, FAILURE, FAILURE, FAILURE);
  expect(windowOf(four)).toBe(LIMIT);
  const five = after(four, FAILURE);
  expect(five).toMatchObject({ breaker: 'open', probeInMs: 5000 });
  expect(windowOf(five)).toBe(0);
  expect(windowOf(probing(five))).toBe(1);
});

test('probes come 5 s apart, doubling to 5 min; what was in flight does not push them away', () => {
  let health = after(WELL, ...Array.from({ length: 10 }, () => FAILURE));
  const waits = [health.probeInMs];
  for (let probe = 0; probe < 8; probe += 1) {
    health = after(probing(health), FAILURE);
    waits.push(health.probeInMs);
  }
  expect(waits).toEqual([5000, 10_000, 20_000, 40_000, 80_000, 160_000, 300_000, 300_000, 300_000]);
});

test('a success closes the breaker and lets traffic grow: 1, 2, 4, 8, limit', () => {
  let health = probing(after(WELL, FAILURE, FAILURE, FAILURE, FAILURE, FAILURE));
  const windows = [];
  for (let success = 0; success < 6; success += 1) {
    health = after(health, { kind: 'success' });
    windows.push(windowOf(health));
  }
  expect(windows).toEqual([1, 2, 4, 8, 10, 10]);
});

test('an overloaded receiver gets half as much, but always something', () => {
  const overloaded: LaneNews = { kind: 'failure', overloaded: true };
  const windows = [1, 2, 3, 4].map((count) =>
    windowOf(after(WELL, ...Array.from({ length: count }, () => overloaded))),
  );
  expect(windows).toEqual([5, 2, 1, 1]);
});

test('a parked lane sends nothing, and the longest wait counts', () => {
  const parked = after(WELL, { kind: 'park', parkMs: 9000 }, { kind: 'park', parkMs: 4000 });
  expect(parked.parkMs).toBe(9000);
  expect(windowOf(parked)).toBe(0);
});

test('whatever happens, the window stays between nothing and the limit', () => {
  const news = fc.oneof(
    fc.constant<LaneNews>({ kind: 'success' }),
    fc.boolean().map((overloaded): LaneNews => ({ kind: 'failure', overloaded })),
    fc.constant<LaneNews>({ kind: 'gone' }),
  );
  fc.assert(
    fc.property(fc.array(fc.tuple(news, fc.boolean())), (steps) => {
      let health = WELL;
      for (const [step, probe] of steps) {
        health = after(probe ? probing(health) : health, step);
        expect(windowOf(health)).toBeLessThanOrEqual(LIMIT);
        expect(health.concurrency).toBeGreaterThanOrEqual(1);
        expect(health.breaker === 'open').toBe(health.consecutiveFailures >= 5);
      }
    }),
  );
});
