import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';
import { type Program, type ProgramStart, startProgram } from '../plan/program.ts';

const POLL_MS = 100;

/** Runs a program to its end, which must be a good one. Until then it is one of those that Ctrl-C ends. */
export async function runProgram(started: Program[], run: ProgramStart & { timeoutMs: number }): Promise<void> {
  const program = startProgram(run);
  started.push(program);
  const endMs = performance.now() + run.timeoutMs;
  while (program.isRunning() && performance.now() < endMs) await sleep(POLL_MS);
  if (program.exitCode() === 0) {
    started.splice(started.indexOf(program), 1);
    return;
  }
  const what = `${run.command ?? 'node'} ${run.args.join(' ')}`;
  throw new Error(`${what} did not succeed. The end of its log:\n${await program.logTail()}`);
}
