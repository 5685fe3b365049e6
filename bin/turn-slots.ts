import type { CustomSlotSupplier, SlotPermit, WorkflowSlotInfo } from '@temporalio/worker';

export interface TurnSlots {
  /** Gives the worker leave to take a workflow task. */
  supplier: CustomSlotSupplier<WorkflowSlotInfo>;
  /** While a turn waits for others (a model, a lease, a pause) another one may be begun. */
  aside<T>(wait: () => Promise<T>): Promise<T>;
  /** Turns queue in Temporal, as far as can be seen from here. */
  isBusy(): boolean;
}

interface SlotsMax {
  max: number;
  atWorkMax: number;
}

/** Sticky tasks go on with a cached conversation. Polls of one queue may wait for long, so each has its own share. */
type Queue = 'sticky' | 'common';

class Slot implements SlotPermit {
  readonly queue: Queue;
  isUsed = false;

  constructor(queue: Queue) {
    this.queue = queue;
  }
}

/**
 * A worker that takes each task it can get does not begin them in time on a busy machine: Temporal hands them out again
 * after the task time-out, work is done twice, and less and less is answered. So it takes `atWorkMax` at a time, and
 * one more for each turn that only waits, up to `max`. What is not taken queues in Temporal, tenants side by side.
 */
export function createTurnSlots(limits: SlotsMax): TurnSlots {
  const slots = countSlots(limits);
  const line = new Set<{ queue: Queue; give(): void }>();

  function serve(): void {
    for (const reservation of line) {
      if (!slots.isFree(reservation.queue)) continue;
      line.delete(reservation);
      reservation.give();
    }
  }

  function reserve(queue: Queue, signal: AbortSignal): Promise<Slot> {
    return new Promise((resolve, reject) => {
      const reservation = { queue, give: () => resolve(slots.take(queue)) };
      line.add(reservation);
      signal.addEventListener('abort', () => {
        line.delete(reservation);
        reject(new DOMException('The poll is no longer needed.', 'AbortError'));
      });
      serve();
    });
  }

  return {
    supplier: {
      type: 'custom',
      reserveSlot: ({ isSticky }, signal) => reserve(queueOf(isSticky), signal),
      tryReserveSlot: ({ isSticky }) => (slots.isFree(queueOf(isSticky)) ? slots.take(queueOf(isSticky)) : null),
      markSlotUsed({ permit }) {
        if (permit instanceof Slot) slots.use(permit);
        serve();
      },
      releaseSlot({ permit }) {
        if (permit instanceof Slot) slots.release(permit);
        serve();
      },
    },
    async aside(wait) {
      slots.stepAside(1);
      serve();
      try {
        return await wait();
      } finally {
        slots.stepAside(-1);
      }
    },
    isBusy: slots.isBusy,
  };
}

function countSlots({ max, atWorkMax }: SlotsMax) {
  const polling = { sticky: 0, common: 0 };
  let used = 0;
  let aside = 0;
  const atWork = (): number => Math.max(0, used - aside);

  return {
    isFree: (queue: Queue): boolean =>
      used + polling.sticky + polling.common < max && atWork() + polling[queue] < atWorkMax,
    // Between the end of one turn and the beginning of the next a few places are empty even then.
    isBusy: (): boolean => atWork() * 2 >= atWorkMax,
    take(queue: Queue): Slot {
      polling[queue] += 1;
      return new Slot(queue);
    },
    use(slot: Slot): void {
      slot.isUsed = true;
      polling[slot.queue] -= 1;
      used += 1;
    },
    release({ isUsed, queue }: Slot): void {
      if (isUsed) used -= 1;
      else polling[queue] -= 1;
    },
    stepAside(change: 1 | -1): void {
      aside += change;
    },
  };
}

function queueOf(isSticky: boolean): Queue {
  return isSticky ? 'sticky' : 'common';
}
