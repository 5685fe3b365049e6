import { openStopList, type StopList, StopRequested } from '#platform/embedded/stop-list.ts';
import { sentenceOf } from '../run-once.ts';
import { onStopSignal } from './on-stop-signal.ts';

type Log = (line: string) => void;

/** Runs until a signal comes or the start fails; either way everything that was started is stopped, then we leave. */
export async function runUntilStopped(start: (stops: StopList) => Promise<void>, log: Log): Promise<void> {
  const stops = openStopList(log);
  onStopSignal(({ hurry }) => {
    log(hurry ? 'stopping at once' : 'stopping (Ctrl-C again to hurry)');
    void stops.stop({ hurry }).then(() => leave(hurry ? 130 : 0));
  });
  try {
    await start(stops);
  } catch (error) {
    // A signal during the start: its own handler stops the rest and leaves.
    if (error instanceof StopRequested) return;
    process.stderr.write(`\n${sentenceOf(error)}\n`);
    await stops.stop({ hurry: false });
    leave(1);
  }
}

// Natural ends wait for whatever a library still holds; everything of ours is stopped by now.
function leave(code: number): void {
  process.exit(code);
}
