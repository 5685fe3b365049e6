/** More work waits than anybody would wait for; the caller may try again later. */
export class QueueFull extends Error {
  override name = 'QueueFull';
}

/** Runs at most `runningMax` at once and lets at most `waitingMax` wait, in the order they came. */
export function createBoundedRun({ runningMax, waitingMax }: { runningMax: number; waitingMax: number }) {
  let running = 0;
  const waiting: (() => void)[] = [];

  async function enter(): Promise<void> {
    if (running < runningMax) {
      running += 1;
      return;
    }
    if (waiting.length >= waitingMax) throw new QueueFull(`${waitingMax} wait already`);
    // Whoever ends hands its place over, so `running` stays as it is.
    await new Promise<void>((resolve) => waiting.push(resolve));
  }

  function leave(): void {
    const next = waiting.shift();
    if (next === undefined) running -= 1;
    else next();
  }

  return async function bounded<Result>(run: () => Promise<Result>): Promise<Result> {
    await enter();
    try {
      return await run();
    } finally {
      leave();
    }
  };
}
