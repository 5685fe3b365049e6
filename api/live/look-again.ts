import type { LiveHub, Topic } from './live-hub.ts';

/** When to look at the rows again: at a ring, and each second anyway, so that a lost ring costs a second. */
export interface LookAgain {
  /** Also wakes for this, in place of what was watched beside the first topic before. */
  alsoWatch(topic: Topic | null): void;
  /** Resolves at the next ring, at once where one came since the last look. */
  next(): Promise<void>;
  leave(): void;
}

const LOOK_MS = 1000;

export function lookAgain(live: LiveHub, topic: Topic, signal: AbortSignal): LookAgain {
  let isRung = false;
  let wake: (() => void) | null = null;
  let beside: { topic: Topic; leave: () => void } | null = null;

  function ring(): void {
    isRung = true;
    wake?.();
  }

  const poll = setInterval(ring, LOOK_MS);
  const leaveFirst = live.watch(topic, ring);
  signal.addEventListener('abort', ring);

  return {
    alsoWatch(next) {
      if (beside?.topic === next || (beside === null && next === null)) return;
      beside?.leave();
      beside = next === null ? null : { topic: next, leave: live.watch(next, ring) };
    },
    async next() {
      if (!isRung && !signal.aborted) {
        const { promise, resolve } = Promise.withResolvers<void>();
        wake = resolve;
        await promise;
        wake = null;
      }
      isRung = false;
    },
    leave() {
      clearInterval(poll);
      leaveFirst();
      beside?.leave();
      signal.removeEventListener('abort', ring);
    },
  };
}
