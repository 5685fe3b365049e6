/** What answers of the last moment have told. */
export interface AnswerTimes {
  /** The middle one of them: from acceptance to answer, the model's time left out. */
  ownMs: number;
  /** How long the model took, in the middle. */
  modelMs: number;
  /** The fastest own time of the last minutes: what a turn costs where nothing waits. */
  fastestMs: number;
}

/** However slow answers are: with less than this the machine would rest between two turns. */
export const SHARE_MIN = 2;
/** Who begins to flood is let in up to this, until its first answers tell whether that was too many. */
export const SHARE_AT_FIRST = 16;

/** Just below what a machine that does all it can needs: its middle answer takes about twice as long as the fastest. */
const SLOW_FACTOR = 1.75;
/** Beside a model of seconds waiting is noticed later, but a queue of its own length helps nobody. */
const MODEL_MS_MAX = 1000;
const SHRINK_AT_MOST = 0.5;
const GROW_AT_MOST = 1.5;
const GROW_BY = 0.5;
/** Tenants that have about as much in flight are no flood to each other. */
const UNEQUAL_FACTOR = 1.5;

/** How slow answers are, against how slow they may be: above 1 turns wait for each other. */
export function slownessOf({ ownMs, modelMs, fastestMs }: AnswerTimes): number {
  return ownMs / (SLOW_FACTOR * fastestMs + Math.min(modelMs, MODEL_MS_MAX));
}

export interface ShareNow {
  share: number;
  slowness: number;
  /** Of the tenants that chat now, how many turns each has in flight. */
  inFlight: readonly number[];
}

/** The share of the next moment: it shrinks while answers are too slow, and grows with what is really in flight. */
export function nextShare({ share, slowness, inFlight }: ShareNow): number {
  // Without another tenant nobody is held: to shrink without an effect would be to learn nothing.
  const isSlow = slowness > 1 && inFlight.length > 1;
  const factor = isSlow ? Math.max(SHRINK_AT_MOST, 1 / slowness) : Math.min(GROW_AT_MOST, Math.max(1, 1 / slowness));
  const next = share * factor + (isSlow ? 0 : GROW_BY);
  // What nobody has tried yet is no share: the first to try would find out at the cost of all others.
  return Math.max(SHARE_MIN, Math.min(next, Math.max(SHARE_AT_FIRST, 2 * Math.max(...inFlight))));
}

/**
 * How many turns one tenant may have at work: its share, or half as many again as the least busy one has in flight.
 * Nobody is held for the sake of nobody: a tenant that chats alone has no share.
 */
export function allowanceOf({ share, inFlight }: Pick<ShareNow, 'share' | 'inFlight'>): number {
  if (inFlight.length < 2) return Infinity;
  return Math.max(Math.floor(share), Math.floor(UNEQUAL_FACTOR * Math.min(...inFlight)));
}
