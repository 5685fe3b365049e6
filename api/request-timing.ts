import { startStopwatch } from '#platform/clock.ts';

/** Durations that leave in the `Server-Timing` header: names and milliseconds, nothing else. */
export interface ServerTiming {
  add(name: string, elapsedMs: number): void;
  measure<Result>(name: string, run: () => Promise<Result>): Promise<Result>;
  header(): string;
}

export function newServerTiming(): ServerTiming {
  const entries: string[] = [];
  const timing: ServerTiming = {
    add(name, elapsedMs) {
      entries.push(`${name};dur=${elapsedMs.toFixed(1)}`);
    },
    async measure(name, run) {
      const stopwatch = startStopwatch();
      try {
        return await run();
      } finally {
        timing.add(name, stopwatch.elapsedMs());
      }
    },
    header: () => entries.join(', '),
  };
  return timing;
}
