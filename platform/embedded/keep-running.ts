import { setTimeout as pause } from 'node:timers/promises';
import type { OwnProcess } from './own-process.ts';

export interface KeptProcess {
  readonly current: OwnProcess;
  /** From here on an end is an end: nothing is started again. Waits for a restart that is under way. */
  release(): Promise<OwnProcess>;
}

interface Keeping {
  name: string;
  start: () => Promise<OwnProcess>;
  log: (line: string) => void;
}

/** Starts a part again, one second after it died, for as long as it is kept. */
export async function keepRunning({ name, start, log }: Keeping): Promise<KeptProcess> {
  const released = new AbortController();
  let current = await start();

  const again = async (): Promise<void> => {
    log(`${name} (process ${current.pid}) has ended; it is started again in one second.`);
    while (!released.signal.aborted) {
      await pause(1000, undefined, { signal: released.signal }).catch(() => undefined);
      if (released.signal.aborted) return;
      try {
        current = await start();
        log(`${name} runs again (process ${current.pid}).`);
        return;
      } catch (error) {
        log(`${name} could not be started again: ${String(error)}`);
      }
    }
  };
  const watch = async (): Promise<void> => {
    while (!released.signal.aborted) {
      await Promise.race([current.ended, aborted(released.signal)]);
      if (!released.signal.aborted) await again();
    }
  };
  const watching = watch();

  return {
    get current() {
      return current;
    },
    release: async () => {
      released.abort();
      await watching;
      return current;
    },
  };
}

function aborted(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    else signal.addEventListener('abort', () => resolve(), { once: true });
  });
}
