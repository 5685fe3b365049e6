/** Time enters the product here and nowhere else, so that a test can hold it still. */
export interface Clock {
  now(): Date;
}

export const systemClock: Clock = { now: () => new Date() };

export function fixedClock(at: Date): Clock & { moveBy(ms: number): void } {
  let current = at.getTime();
  return {
    now: () => new Date(current),
    moveBy(ms) {
      current += ms;
    },
  };
}

/** A stopwatch for `Server-Timing` and logs; immune to steps of the wall clock. */
export function startStopwatch(): { elapsedMs(): number } {
  const startedAt = performance.now();
  return { elapsedMs: () => performance.now() - startedAt };
}
