export interface FloodShare {
  /** Turns the tenant may have in flight at the moment. */
  share: number;
  /** What the operator's policy allows it at most. */
  limit: number;
  /** Of its turns in flight, those that have waited for a worker for too long: more are accepted than begun. */
  waiting: number;
  /** Since a message of it was last refused. */
  sinceRefusalMs: number;
}

/** Fewer would leave a worker idle between two steps of a turn. */
const SHARE_MIN = 10;
/** Shares of its turns in flight: more than that waits, and it is given less; not so many, and it is given more. */
const TOO_MANY_WAIT = 0.5;
const SOME_WAIT = 0.25;
const NARROWED_TO = 0.7;
const WIDENED_BY = 0.1;
/** A tenant that was not refused for this long is no flood any more. */
const CALM_MS = 5000;

/**
 * How many turns a tenant may have in flight next. Up to its limit nothing is held back. Who is refused there and goes
 * on sending, while its turns queue for a worker, is given fewer until they no longer queue: what waits in that queue
 * makes every other tenant wait as well, and is answered no sooner for having been accepted early.
 */
export function nextShare({ share, limit, waiting, sinceRefusalMs }: FloodShare): number {
  if (sinceRefusalMs > CALM_MS) return limit;
  if (waiting > share * TOO_MANY_WAIT) return Math.min(limit, Math.max(SHARE_MIN, Math.floor(share * NARROWED_TO)));
  if (waiting > share * SOME_WAIT) return Math.min(limit, share);
  return Math.min(limit, share + Math.max(1, Math.floor(share * WIDENED_BY)));
}
