import { askedWaitMs, baseWaitMs, withJitter, type RetrySchedule } from './retry-schedule.ts';

/** Failures before any status came. The second group is our own fault and no receiver's. */
export type FailureCode =
  | 'timeout'
  | 'dns'
  | 'refused'
  | 'reset'
  | 'tls'
  | 'protocol'
  | 'header_overflow'
  | 'blocked_address'
  | OurFault;

export type OurFault = 'resolver_unavailable' | 'network_unavailable' | 'no_resources' | 'signing_key_missing';

/** What a send came to, as far as judging it goes. */
export type SendResult =
  | { kind: 'answered'; status: number; retryAfter: string | null }
  | { kind: 'failed'; code: FailureCode };

export interface DeliveryHistory {
  schedule: RetrySchedule;
  /** Counted attempts of this schedule before this one. */
  tries: number;
  /** Attempts that were not counted, before this one. */
  throttles: number;
  /** One attempt on request: it ends with its answer. */
  once: boolean;
  at: Date;
  /** In [0, 1). */
  random: number;
}

/** What the attempt means for its lane. */
export type LaneNews =
  | { kind: 'success' }
  | { kind: 'failure'; overloaded: boolean }
  | { kind: 'park'; parkMs: number }
  | { kind: 'gone' };

export interface Verdict {
  state: 'delivered' | 'pending' | 'exhausted';
  counted: boolean;
  errorCode: string | null;
  /** Until the next attempt of this delivery; 0 where there is none. */
  waitMs: number;
  lane: LaneNews;
}

const OUR_FAULTS: ReadonlySet<string> = new Set<OurFault>([
  'resolver_unavailable',
  'network_unavailable',
  'no_resources',
  'signing_key_missing',
]);
/** A receiver, or we, cannot put a delivery off for ever: from here on it counts. */
const UNCOUNTED_MAX = 100;
const OUR_PARK_MS = 30_000;
const OUR_PARK_MS_MAX = 600_000;
const OVERLOADED = new Set([502, 503, 504]);

/** The table of docs/webhooks: only 2xx is success, a redirect is a failure, 410 means never again. */
export function judge(result: SendResult, history: DeliveryHistory): Verdict {
  if (result.kind === 'failed') return judgeFailure(result.code, history);
  const { status, retryAfter } = result;
  if (status >= 200 && status < 300) {
    return { state: 'delivered', counted: true, errorCode: null, waitMs: 0, lane: { kind: 'success' } };
  }
  if (status === 429) return judgeThrottle(retryAfter, history);
  const errorCode = status < 400 ? 'redirect' : `http_${status}`;
  const lane: LaneNews = status === 410 ? { kind: 'gone' } : { kind: 'failure', overloaded: OVERLOADED.has(status) };
  return countedFailure({ errorCode, retryAfter, lane }, history);
}

function judgeFailure(code: FailureCode, history: DeliveryHistory): Verdict {
  const failure = { errorCode: code, retryAfter: null };
  if (!OUR_FAULTS.has(code)) {
    return countedFailure({ ...failure, lane: { kind: 'failure', overloaded: code === 'timeout' } }, history);
  }
  if (history.throttles >= UNCOUNTED_MAX) {
    return countedFailure({ ...failure, lane: { kind: 'failure', overloaded: false } }, history);
  }
  const parkMs = Math.min(OUR_PARK_MS * 2 ** history.throttles, OUR_PARK_MS_MAX);
  return { state: 'pending', counted: false, errorCode: code, waitMs: parkMs, lane: { kind: 'park', parkMs } };
}

function judgeThrottle(retryAfter: string | null, history: DeliveryHistory): Verdict {
  const errorCode = 'http_429';
  const scheduledMs = baseWaitMs({ schedule: history.schedule, failures: history.tries + 1 });
  const parkMs =
    askedWaitMs({ retryAfter, baseMs: scheduledMs, at: history.at }) ??
    withJitter({ waitMs: scheduledMs ?? OUR_PARK_MS, random: history.random });
  if (history.once || history.throttles >= UNCOUNTED_MAX) {
    return countedFailure({ errorCode, retryAfter, lane: { kind: 'park', parkMs } }, history);
  }
  return { state: 'pending', counted: false, errorCode, waitMs: parkMs, lane: { kind: 'park', parkMs } };
}

interface CountedFailure {
  errorCode: string;
  retryAfter: string | null;
  lane: LaneNews;
}

function countedFailure({ errorCode, retryAfter, lane }: CountedFailure, history: DeliveryHistory): Verdict {
  const baseMs = history.once ? null : baseWaitMs({ schedule: history.schedule, failures: history.tries + 1 });
  if (baseMs === null) return { state: 'exhausted', counted: true, errorCode, waitMs: 0, lane };
  const waitMs =
    askedWaitMs({ retryAfter, baseMs, at: history.at }) ?? withJitter({ waitMs: baseMs, random: history.random });
  return { state: 'pending', counted: true, errorCode, waitMs, lane };
}
