import type { SessionId } from '#domain/ids.ts';

/** How a running turn hears that it should look whether it may go on: the worker's ear passes the doorbell on. */
export interface StopBoard {
  ring(sessionId: SessionId): void;
  /** Calls back at every ring for this session, and for one of just before, until the returned function is called. */
  watch(sessionId: SessionId, onRing: () => void): () => void;
}

/** A turn is claimed and paid for before it watches; what rang by then must not wait for the next renewal. */
const REMEMBERED_MS = 2000;

export function createStopBoard(): StopBoard {
  const watching = new Map<SessionId, Set<() => void>>();
  const rung = new Map<SessionId, NodeJS.Timeout>();

  function remember(sessionId: SessionId): void {
    clearTimeout(rung.get(sessionId));
    rung.set(sessionId, setTimeout(() => rung.delete(sessionId), REMEMBERED_MS).unref());
  }

  return {
    ring(sessionId) {
      remember(sessionId);
      for (const onRing of watching.get(sessionId) ?? []) onRing();
    },
    watch(sessionId, onRing) {
      const set = watching.get(sessionId) ?? new Set();
      watching.set(sessionId, set.add(onRing));
      if (rung.has(sessionId)) onRing();
      return () => {
        set.delete(onRing);
        if (set.size === 0) watching.delete(sessionId);
      };
    },
  };
}
