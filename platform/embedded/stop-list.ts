export interface HowToStop {
  /** A second Ctrl-C: nothing is drained, everything ends now. */
  hurry: boolean;
}

export type Stop = (how: HowToStop) => Promise<void>;

/** Thrown out of a start that was asked to stop meanwhile; nobody needs to hear of it. */
export class StopRequested extends Error {
  override readonly name = 'StopRequested';
}

export interface StopList {
  /** Starts something and notes how it is stopped. */
  start<T>(start: () => Promise<T>, stop: (started: T, how: HowToStop) => Promise<void>): Promise<T>;
  /** Stops everything, the last started first. In a hurry, all at once. */
  stop(how: HowToStop): Promise<void>;
}

/** What was started, so that whatever happens it can be stopped in the opposite order. */
export function openStopList(log: (line: string) => void): StopList {
  const waiting: Stop[] = [];
  const under: Stop[] = [];
  let closed = false;

  const stopOne = async (stop: Stop, how: HowToStop): Promise<void> => {
    try {
      await stop(how);
    } catch (error) {
      // The others must be stopped all the same.
      log(`could not be stopped cleanly: ${String(error)}`);
    }
  };
  return {
    async start(start, stop) {
      if (closed) throw new StopRequested();
      const started = await start();
      const stopStarted: Stop = (how) => stop(started, how);
      if (closed) {
        await stopOne(stopStarted, { hurry: false });
        throw new StopRequested();
      }
      waiting.push(stopStarted);
      return started;
    },
    async stop(how) {
      closed = true;
      if (how.hurry) {
        await Promise.all([...under, ...waiting.splice(0)].map((stop) => stopOne(stop, how)));
        return;
      }
      for (let stop = waiting.pop(); stop !== undefined; stop = waiting.pop()) {
        under.push(stop);
        await stopOne(stop, how);
      }
    },
  };
}
