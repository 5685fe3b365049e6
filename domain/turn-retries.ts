/** In milliseconds: the pause after the first try, which doubles with each further one, and the longest pause. */
export interface Retries {
  initialInterval: number;
  maximumInterval: number;
}

/** A database that is away for seconds costs a wait, not the turn. */
export const TAKE_TURN_RETRIES: Readonly<Retries> = { initialInterval: 200, maximumInterval: 5000 };
/** Tried without end: a turn's outcome has to be on record. */
export const FAIL_TURN_RETRIES: Readonly<Retries> = { initialInterval: 1000, maximumInterval: 30_000 };

/** How long Temporal waits after a try, counted from 1, before the next one. */
export function pauseAfterTry(attempt: number, { initialInterval, maximumInterval }: Readonly<Retries>): number {
  return Math.min(maximumInterval, initialInterval * 2 ** (attempt - 1));
}
