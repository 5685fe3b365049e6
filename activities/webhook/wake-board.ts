import type { EndpointId } from '#domain/ids.ts';

/** How a slice that lingers hears of new rows: the relay of the same process passes the doorbell on. */
export interface WakeBoard {
  ring(endpointId: EndpointId | '*'): void;
  /** Calls back at every ring for this endpoint until the returned function is called. */
  listen(endpointId: EndpointId, onRing: () => void): () => void;
}

export function createWakeBoard(): WakeBoard {
  const listeners = new Map<EndpointId, Set<() => void>>();
  return {
    ring(endpointId) {
      const rung = endpointId === '*' ? [...listeners.values()] : [listeners.get(endpointId) ?? new Set()];
      for (const onRing of rung.flatMap((set) => [...set])) onRing();
    },
    listen(endpointId, onRing) {
      const set = listeners.get(endpointId) ?? new Set();
      listeners.set(endpointId, set.add(onRing));
      return () => {
        set.delete(onRing);
        if (set.size === 0) listeners.delete(endpointId);
      };
    },
  };
}
