import type { TurnId } from '#domain/ids.ts';
import type { Clock } from '#platform/clock.ts';

export interface HandedOver {
  /** Whether a workflow has it for sure, so that handing it over again would only add to what it waits behind. */
  has(turnId: TurnId): boolean;
  add(turnId: TurnId): void;
}

/** Long enough for a busy worker to come to it; short enough for a workflow that somebody ended by hand. */
const AGAIN_AFTER_MS = 15_000;

/** What one sweeper has handed over of late. A workflow that has taken a turn keeps it, however long it waits there. */
export function rememberHandedOver(clock: Clock): HandedOver {
  const atMs = new Map<TurnId, number>();
  const nowMs = (): number => clock.now().getTime();
  return {
    has: (turnId) => nowMs() - (atMs.get(turnId) ?? -Infinity) < AGAIN_AFTER_MS,
    add(turnId) {
      for (const [known, at] of atMs) if (nowMs() - at >= AGAIN_AFTER_MS) atMs.delete(known);
      atMs.set(turnId, nowMs());
    },
  };
}
