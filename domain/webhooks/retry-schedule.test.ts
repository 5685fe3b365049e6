import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { askedWaitMs, baseWaitMs, RETRY_SCHEDULES, withJitter, type RetrySchedule } from './retry-schedule.ts';

const AT = new Date('2027-01-05T09:00:00.000Z');

function waitsOf(schedule: RetrySchedule): (number | null)[] {
  return Array.from({ length: 10 }, (_, index) => baseWaitMs({ schedule, failures: index + 1 }));
}

describe('the retry schedules', () => {
  test('the standard one tries ten times in 75 h 35 m 5 s', () => {
    const waits = waitsOf('standard');
    expect(waits.filter((wait) => wait !== null)).toHaveLength(9);
    expect(waits[9]).toBeNull();
    expect(waits.reduce<number>((sum, wait) => sum + (wait ?? 0), 0)).toBe(((75 * 60 + 35) * 60 + 5) * 1000);
  });

  test('the short one tries eight times, none tries once', () => {
    expect(waitsOf('short').filter((wait) => wait !== null)).toHaveLength(7);
    expect(waitsOf('none').filter((wait) => wait !== null)).toHaveLength(0);
  });

  test('jitter never makes a wait shorter, and longer by a fifth at most', () => {
    const waits = fc.constantFrom(...RETRY_SCHEDULES.standard);
    fc.assert(
      fc.property(waits, fc.double({ min: 0, max: 1, noNaN: true }), (waitMs, random) => {
        const jittered = withJitter({ waitMs, random });
        expect(jittered).toBeGreaterThanOrEqual(waitMs);
        expect(jittered).toBeLessThanOrEqual(Math.ceil(waitMs * 1.2));
      }),
    );
  });
});

describe('Retry-After', () => {
  const asked = (retryAfter: string | null, baseMs: number | null = 5000) =>
    askedWaitMs({ retryAfter, baseMs, at: AT });

  test.each([
    ['seconds', '120', 120_000],
    ['an HTTP date', 'Tue, 05 Jan 2027 09:10:00 GMT', 600_000],
    ['sooner than the schedule', '1', 5000],
    ['a date that has passed', 'Tue, 05 Jan 2027 08:00:00 GMT', 5000],
    ['ten years', '315360000', 86_400_000],
  ])('%s: heard, within our bounds', (_what, header, expected) => {
    expect(asked(header)).toBe(expected);
  });

  test.each([null, '', 'soon', '-5', '1.5', '2027-01-05', 'Tue, 99 Foo 2027 09:10:00 GMT', '9'.repeat(40)])(
    '%s: the schedule decides',
    (header) => {
      expect(asked(header)).toBeNull();
    },
  );

  test('where the schedule has nothing to say, five seconds are the least', () => {
    expect(asked('0', null)).toBe(5000);
  });
});
