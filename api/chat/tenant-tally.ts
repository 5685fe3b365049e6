/** A message that is about to be accepted, was, or waits for its answer. */
export interface Place {
  /** When the message is accepted, for its row: by this a count knows whether it has the message already. */
  at: Date;
  /** Called when the message is accepted, or is not. */
  settle(): void;
  /** Its turn has ended. */
  end(): void;
  /** Nobody here will hear of its end: from now on only counts know of it. After `end()` it says nothing. */
  forget(): void;
}

/** What is known of one tenant's turns: never less than is true in this process. */
export interface TenantTally {
  inFlight(): number;
  /** A count may know of fewer. */
  hasElsewhere(): boolean;
  /** Whether it was counted before that many milliseconds, or never. */
  isOlder(ms: number): boolean;
  /** Whether a message waits here, or came within that many milliseconds. */
  isActive(ms: number): boolean;
  /** Asks the database. Whoever comes while that runs waits for the same answer. */
  count(): Promise<void>;
  take(): Place;
  /** Nobody would miss it. */
  isIdle(): boolean;
}

interface TallyDeps {
  /** How many turns accepted before that moment have not ended. */
  read(before: Date): Promise<number>;
  nowMs(): number;
}

interface OpenPlace {
  atMs: number;
  /** Not accepted yet. */
  isOpen: boolean;
}

export function createTenantTally({ read, nowMs }: TallyDeps): TenantTally {
  /** Of this process, until their end is heard. */
  const places = new Set<OpenPlace>();
  /** When those that were forgotten here were accepted, until a count knows of them. */
  let forgotten: number[] = [];
  /** Of other processes, and of those that were forgotten before the last count. */
  let counted = 0;
  let countedAt: number | null = null;
  let takenAt: number | null = null;
  let counting: Promise<void> | null = null;

  async function countNow(): Promise<void> {
    // Whether an open one is in the database already nobody can tell, so what came since is counted here, not there.
    const open = [...places].filter(({ isOpen }) => isOpen).map(({ atMs }) => atMs);
    const before = Math.min(nowMs(), ...open);
    try {
      const count = await read(new Date(before));
      const here = [...places].filter(({ atMs }) => atMs < before).length;
      counted = Math.max(0, count - here);
      // What was forgotten while the database counted came after the moment it counted to, or is in its count.
      forgotten = forgotten.filter((atMs) => atMs >= before);
      countedAt = nowMs();
    } finally {
      counting = null;
    }
  }

  return {
    inFlight: () => places.size + forgotten.length + counted,
    hasElsewhere: () => forgotten.length + counted > 0,
    isOlder: (ms) => countedAt === null || nowMs() - countedAt >= ms,
    isActive: (ms) => places.size > 0 || (takenAt !== null && nowMs() - takenAt < ms),
    count: () => (counting ??= countNow()),
    take() {
      const place = { atMs: nowMs(), isOpen: true };
      places.add(place);
      takenAt = place.atMs;
      return {
        at: new Date(place.atMs),
        settle() {
          place.isOpen = false;
        },
        end: () => void places.delete(place),
        forget() {
          if (places.delete(place)) forgotten.push(place.atMs);
        },
      };
    },
    isIdle: () => counting === null && places.size === 0,
  };
}
