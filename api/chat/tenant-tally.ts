import type { TurnsInFlightRow } from '#models/read/turns-in-flight.ts';

/** A message that is about to be accepted, or was. */
export interface Place {
  /** When the message is accepted, for its row: by this a count knows whether it has the message already. */
  at: Date;
  /** Called when the message is accepted, or is not. */
  leave(): void;
}

/** What is known of one tenant's turns: never less than is true in this process. */
export interface TenantTally {
  isFull(): boolean;
  /** Whether it was counted before that many milliseconds, or never. */
  isOlder(ms: number): boolean;
  /** Asks the database. Whoever comes while that runs waits for the same answer. */
  count(): Promise<void>;
  take(): Place;
  /** Nobody would miss it. */
  isIdle(): boolean;
}

interface TallyDeps {
  limit: number;
  /** Turns accepted before that moment, and how many there may be. */
  read(before: Date): Promise<TurnsInFlightRow>;
  nowMs(): number;
}

export function createTenantTally({ limit: limitWithoutPolicy, read, nowMs }: TallyDeps): TenantTally {
  /** Of this process, not in the last count. An open one is not accepted yet. */
  const places = new Set<{ atMs: number; isOpen: boolean }>();
  let limit = limitWithoutPolicy;
  let counted = 0;
  let countedAt: number | null = null;
  let counting: Promise<void> | null = null;

  const openSince = (): number[] => [...places].filter(({ isOpen }) => isOpen).map(({ atMs }) => atMs);

  async function countNow(): Promise<void> {
    // Whether an open one is in the database already nobody can tell, so what came since is counted here, not there.
    const before = Math.min(nowMs(), ...openSince());
    try {
      const row = await read(new Date(before));
      counted = row.count;
      limit = row.limit ?? limitWithoutPolicy;
      countedAt = nowMs();
      for (const place of places) if (place.atMs < before) places.delete(place);
    } finally {
      counting = null;
    }
  }

  return {
    isFull: () => counted + places.size >= limit,
    isOlder: (ms) => countedAt === null || nowMs() - countedAt >= ms,
    count: () => (counting ??= countNow()),
    take() {
      const place = { atMs: nowMs(), isOpen: true };
      places.add(place);
      return {
        at: new Date(place.atMs),
        leave() {
          place.isOpen = false;
        },
      };
    },
    isIdle: () => counting === null && openSince().length === 0,
  };
}
