import { sleep } from '@temporalio/workflow';

/**
 * Tells when a session has been quiet for long enough. One timer, set again only when it fires: a timer for every turn
 * would cost two events each, and a turn has six.
 */
export function idleClock(idleMs: number) {
  let touchedAt = Date.now();
  let over = false;

  async function watch(): Promise<void> {
    over = false;
    for (let restMs = idleMs; restMs > 0; restMs = touchedAt + idleMs - Date.now()) await sleep(restMs);
    over = true;
  }

  function start(): void {
    // Only the end of the whole workflow cancels the timer, and then nobody asks any more.
    watch().catch(() => null);
  }

  start();
  return {
    isOver: () => over,
    touch() {
      touchedAt = Date.now();
      // A turn that outlasted the timer is no silence: the clock starts again.
      if (over) start();
    },
  };
}
