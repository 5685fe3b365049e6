export interface ReserveLanes {
  /** Runs the work when the tenant's lane has a place; null when too many wait already. */
  run<T>(tenantId: string, work: () => Promise<T>): Promise<T | null>;
}

interface Lane {
  running: number;
  waiting: (() => void)[];
}

/**
 * Few reserves of a tenant are in flight at once, the others wait in memory: else one busy tenant parks every
 * connection of the pool in a wait for its grant's lock, and its neighbours stand still.
 */
export function createReserveLanes({ widthMax, waitingMax }: { widthMax: number; waitingMax: number }): ReserveLanes {
  const lanes = new Map<string, Lane>();

  function leave(tenantId: string, lane: Lane): void {
    const next = lane.waiting.shift();
    // The place is handed over, so that nobody who came later takes it first.
    if (next !== undefined) return next();
    lane.running -= 1;
    if (lane.running === 0) lanes.delete(tenantId);
  }

  return {
    async run(tenantId, work) {
      const lane = lanes.get(tenantId) ?? { running: 0, waiting: [] };
      lanes.set(tenantId, lane);
      if (lane.running < widthMax) lane.running += 1;
      else if (lane.waiting.length >= waitingMax) return null;
      else await new Promise<void>((enter) => lane.waiting.push(enter));
      try {
        return await work();
      } finally {
        leave(tenantId, lane);
      }
    },
  };
}
