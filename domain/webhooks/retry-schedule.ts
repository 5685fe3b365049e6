const SECOND_MS = 1000;
const MINUTE_MS = 60 * SECOND_MS;
const HOUR_MS = 60 * MINUTE_MS;

/** The wait after failure n stands at n - 1; one failure more ends the delivery. */
export const RETRY_SCHEDULES = {
  standard: [
    5 * SECOND_MS,
    5 * MINUTE_MS,
    30 * MINUTE_MS,
    2 * HOUR_MS,
    5 * HOUR_MS,
    10 * HOUR_MS,
    14 * HOUR_MS,
    20 * HOUR_MS,
    24 * HOUR_MS,
  ],
  short: [5 * SECOND_MS, MINUTE_MS, 5 * MINUTE_MS, 20 * MINUTE_MS, HOUR_MS, 2 * HOUR_MS, 2 * HOUR_MS + 30 * MINUTE_MS],
  none: [],
} as const satisfies Record<string, readonly number[]>;

export type RetrySchedule = keyof typeof RETRY_SCHEDULES;

const JITTER_SHARE = 0.2;
const RETRY_AFTER_MS_MAX = 24 * HOUR_MS;
/** Where the schedule has no further wait but the failure is not the receiver's to answer for. */
const LAST_WAIT_MS = 5 * SECOND_MS;

/** The wait after `failures` counted failures, without jitter; null = no further attempt. */
export function baseWaitMs({ schedule, failures }: { schedule: RetrySchedule; failures: number }): number | null {
  return RETRY_SCHEDULES[schedule][failures - 1] ?? null;
}

/** Later by up to a fifth, never earlier, so that what failed together does not come back together. */
export function withJitter({ waitMs, random }: { waitMs: number; random: number }): number {
  return Math.round(waitMs * (1 + JITTER_SHARE * random));
}

export interface AskedWait {
  /** The header as it came, or null. */
  retryAfter: string | null;
  /** The schedule's own wait: a receiver may ask for longer, never for sooner. */
  baseMs: number | null;
  at: Date;
}

/** What a Retry-After header (RFC 9110 section 10.2.3: seconds or a date) asks for, in our bounds; null = no say. */
export function askedWaitMs({ retryAfter, baseMs, at }: AskedWait): number | null {
  if (retryAfter === null) return null;
  const askedMs = parseRetryAfterMs(retryAfter.trim(), at);
  if (askedMs === null) return null;
  return Math.min(Math.max(askedMs, baseMs ?? LAST_WAIT_MS), RETRY_AFTER_MS_MAX);
}

function parseRetryAfterMs(text: string, at: Date): number | null {
  if (/^\d{1,15}$/.test(text)) return Number(text) * SECOND_MS;
  // Date.parse takes almost anything; an HTTP date begins with a weekday and ends in GMT.
  if (!/^(Mon|Tue|Wed|Thu|Fri|Sat|Sun)[a-z]*,? .* GMT$/.test(text)) return null;
  const dateMs = Date.parse(text);
  return Number.isNaN(dateMs) ? null : Math.max(0, dateMs - at.getTime());
}
