export interface SeededRandom {
  /** From 0 up to, not including, 1. */
  next(): number;
  between(from: number, to: number): number;
  whole(from: number, to: number): number;
}

/** The same seed gives the same numbers on every machine (mulberry32); for times of faults, never for secrets. */
export function createSeededRandom(seed: number): SeededRandom {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  const between = (from: number, to: number): number => from + next() * (to - from);
  return { next, between, whole: (from, to) => Math.floor(between(from, to + 1)) };
}
