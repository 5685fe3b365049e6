import { CannotStart, tellsOfFullDisk } from '#platform/embedded/cannot-start.ts';
import { ConfigurationError } from '#platform/env.ts';

/** Runs a command to its end. What the person at the keyboard can act on is one sentence, everything else a stack. */
export async function runOnce(run: () => Promise<void>): Promise<void> {
  try {
    await run();
  } catch (error) {
    process.stderr.write(`${sentenceOf(error)}\n`);
    process.exitCode = 1;
  }
}

export function sentenceOf(error: unknown): string {
  if (error instanceof CannotStart || error instanceof ConfigurationError) return error.message;
  if (tellsOfFullDisk(error)) return 'There is no space left on the disk.';
  return error instanceof Error ? (error.stack ?? error.message) : String(error);
}
