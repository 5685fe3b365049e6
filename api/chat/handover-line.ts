import type { TenantId } from '#domain/ids.ts';

export interface HandoverLine {
  /** Tells the session of a turn now, or when its tenant has room again; gives what is said when it has ended. */
  enter(tenantId: TenantId, tell: () => void): WaitingTurn;
  /** Whether so many turns of that tenant wait that one more would wait for long. */
  isLong(tenantId: TenantId): boolean;
  /** There may be room again. */
  serve(): void;
}

export interface WaitingTurn {
  /**
   * It has ended, or nobody here will hear of its end; one that still waits is told of all the same. Gives when its
   * session was told of it, in milliseconds, and null where it was not yet, or has left before.
   */
  leave(): number | null;
}

interface LineDeps {
  nowMs(): number;
  /** How many turns of one tenant may be at work now, of those that were told of here. */
  allowance(): number;
}

interface Entry {
  tell: () => void;
  toldAt: number | null;
  hasLeft: boolean;
  timer: NodeJS.Timeout;
}

interface TenantLine {
  tenantId: TenantId;
  atWork: number;
  waiting: Entry[];
  /** When its last turns were told of because there was room, in milliseconds. */
  told: number[];
}

/** As long as the sweeper leaves an accepted turn alone: after that it would tell the session itself. */
const WAIT_MAX_MS = 3000;
/** As many may wait as are told of in that time: they are through before it is over. */
const LONG_MS = 1000;
/** And a few where little is known yet, or none is let go. */
const WAITING_MIN = 16;
const TOLD_MAX = 200;

/**
 * Where turns wait for each other, a tenant's turns beyond its share wait here, in the order of their acceptance, and
 * not in Temporal, where each that waits is work already. Their rows are the promise: should this process die, the
 * sweeper drives them.
 */
export function createHandoverLine({ nowMs, allowance }: LineDeps): HandoverLine {
  const tenants = new Map<TenantId, TenantLine>();

  function tell(line: TenantLine, entry: Entry): void {
    clearTimeout(entry.timer);
    entry.toldAt = nowMs();
    if (!entry.hasLeft) line.atWork += 1;
    entry.tell();
    forgetEmpty(line);
  }

  function forgetEmpty({ tenantId, atWork, waiting }: TenantLine): void {
    if (atWork === 0 && waiting.length === 0) tenants.delete(tenantId);
  }

  function serveLine(line: TenantLine): void {
    while (line.atWork < allowance()) {
      const next = line.waiting.shift();
      if (next === undefined) return;
      line.told = [...line.told.slice(-TOLD_MAX), nowMs()];
      tell(line, next);
    }
  }

  function tellAnyway(line: TenantLine, entry: Entry): void {
    const place = line.waiting.indexOf(entry);
    if (place < 0) return;
    line.waiting.splice(place, 1);
    tell(line, entry);
  }

  return {
    enter(tenantId, tellSession) {
      const line = tenants.get(tenantId) ?? { tenantId, atWork: 0, waiting: [], told: [] };
      tenants.set(tenantId, line);
      const timer = setTimeout(() => tellAnyway(line, entry), WAIT_MAX_MS).unref();
      const entry: Entry = { tell: tellSession, toldAt: null, hasLeft: false, timer };
      line.waiting.push(entry);
      serveLine(line);
      return {
        leave() {
          if (entry.hasLeft) return null;
          entry.hasLeft = true;
          if (entry.toldAt === null) return null;
          line.atWork -= 1;
          serveLine(line);
          forgetEmpty(line);
          return entry.toldAt;
        },
      };
    },
    isLong(tenantId) {
      const line = tenants.get(tenantId);
      return line !== undefined && isLongAt(line, nowMs());
    },
    serve() {
      for (const line of tenants.values()) serveLine(line);
    },
  };
}

function isLongAt({ waiting, told }: TenantLine, nowMs: number): boolean {
  return waiting.length >= Math.max(WAITING_MIN, told.filter((at) => nowMs - at < LONG_MS).length);
}
