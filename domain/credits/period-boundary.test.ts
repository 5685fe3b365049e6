import { describe, expect, it } from 'vitest';

import { periodAt, periodBoundary, periodBounds } from './period-boundary.ts';

/** 48 anchors: the awkward days of four years, at three times of day. */
const ANCHORS = [2024, 2025, 2026, 2027].flatMap((year) =>
  ['01-31', '02-28', '08-30', '12-29'].flatMap((day) =>
    ['00:00:00.000', '12:34:56.789', '23:59:59.999'].map((time) => new Date(`${year}-${day}T${time}Z`)),
  ),
);

describe('period boundaries', () => {
  it('clamp to the end of the month and always count from the anchor', () => {
    const anchor = new Date('2027-01-31T10:00:00.000Z');
    const days = [0, 1, 2, 3, 13].map((months) => periodBoundary(anchor, months).toISOString());
    expect(days).toEqual([
      '2027-01-31T10:00:00.000Z',
      '2027-02-28T10:00:00.000Z',
      '2027-03-31T10:00:00.000Z',
      '2027-04-30T10:00:00.000Z',
      '2028-02-29T10:00:00.000Z',
    ]);
  });

  it.each(ANCHORS)('leave no gap and no overlap in 60 months from %s', (anchor) => {
    for (let no = 1; no <= 60; no += 1) {
      const { startsAt, endsAt } = periodBounds(anchor, no);
      expect(startsAt < endsAt).toBe(true);
      expect(periodBounds(anchor, no + 1).startsAt).toEqual(endsAt);
      expect(periodAt(anchor, startsAt).no).toBe(no);
      expect(periodAt(anchor, new Date(endsAt.getTime() - 1)).no).toBe(no);
    }
  });

  it('a moment before the anchor belongs to the first period', () => {
    const anchor = new Date('2026-05-10T00:00:00.000Z');
    expect(periodAt(anchor, new Date('2025-01-01T00:00:00.000Z')).no).toBe(1);
  });
});
