/** A ring that is heard once, even when it came before anyone waited. */
export interface Bell {
  ring: () => void;
  /** Whether it rang; false = the time passed. */
  rungWithin: (waitMs: number) => Promise<boolean>;
}

export function createBell(): Bell {
  let rung = false;
  let wakeUp: (() => void) | null = null;
  return {
    ring() {
      rung = true;
      wakeUp?.();
    },
    async rungWithin(waitMs) {
      if (!rung) {
        const { promise, resolve } = Promise.withResolvers<void>();
        const timer = setTimeout(resolve, waitMs);
        wakeUp = resolve;
        await promise;
        clearTimeout(timer);
        wakeUp = null;
      }
      const heard = rung;
      rung = false;
      return heard;
    },
  };
}
