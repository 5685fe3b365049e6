export interface PeriodBounds {
  no: number;
  startsAt: Date;
  endsAt: Date;
}

/** The anchor plus n months in UTC, clamped to the month's end, always from the anchor: Jan 31 → Feb 28 → Mar 31. */
export function periodBoundary(anchorAt: Date, months: number): Date {
  const year = anchorAt.getUTCFullYear();
  const month = anchorAt.getUTCMonth() + months;
  // Day 0 of the next month is the last of this one.
  const lastDay = new Date(Date.UTC(year, month + 1, 0)).getUTCDate();
  const midnight = Date.UTC(year, month, Math.min(anchorAt.getUTCDate(), lastDay));
  const startOfAnchorDay = Date.UTC(year, anchorAt.getUTCMonth(), anchorAt.getUTCDate());
  return new Date(midnight + (anchorAt.getTime() - startOfAnchorDay));
}

/** Period `no` counts from 1 and starts where the one before ended. */
export function periodBounds(anchorAt: Date, no: number): PeriodBounds {
  return { no, startsAt: periodBoundary(anchorAt, no - 1), endsAt: periodBoundary(anchorAt, no) };
}

/** The period a moment falls into; never before the first. */
export function periodAt(anchorAt: Date, at: Date): PeriodBounds {
  const months = (at.getUTCFullYear() - anchorAt.getUTCFullYear()) * 12 + (at.getUTCMonth() - anchorAt.getUTCMonth());
  const guess = periodBounds(anchorAt, Math.max(1, months + 1));
  if (guess.startsAt <= at || guess.no === 1) return guess;
  return periodBounds(anchorAt, guess.no - 1);
}
