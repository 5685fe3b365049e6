import { type LoadResult, runLoad } from '../load.ts';
import type { LoadTarget } from './load-target.ts';

/** In turns, so that a slow program is compiled as far as a fast one; in time as well, so that it ends. */
export const WARM_UP = { turnMax: 300, durationMs: 10_000 };

const TURNS_PER_SESSION = 10;

/** What is measured afterwards must not be what V8 compiles meanwhile. */
export function warmUp(target: LoadTarget, load: { concurrency: number; runName: string }): Promise<LoadResult> {
  return runLoad({ target, turnsPerSession: TURNS_PER_SESSION, ...WARM_UP, ...load });
}
