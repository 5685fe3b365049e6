import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { closeSync, openSync } from 'node:fs';
import { readFile } from 'node:fs/promises';
import { performance } from 'node:perf_hooks';
import { setTimeout as sleep } from 'node:timers/promises';

export interface Program {
  pid: number;
  /** False once it has ended, by itself or by us. */
  isRunning(): boolean;
  /** Null while it runs, and when a signal ended it. */
  exitCode(): number | null;
  logTail(): Promise<string>;
  stop(): Promise<void>;
}

export interface ProgramStart {
  /** Our own Node when not given. */
  command?: string;
  args: readonly string[];
  /** Added to our own environment; undefined takes a variable away. */
  env: Record<string, string | undefined>;
  cwd: string;
  logPath: string;
}

const STOP_TIMEOUT_MS = 20_000;
const POLL_MS = 100;
const LOG_TAIL_LINES = 25;
const LOG_LINE_MAX = 400;

/** A program in a process group of its own, so that Ctrl-C reaches it once, through us. */
export function startProgram({ command = process.execPath, args, env, cwd, logPath }: ProgramStart): Program {
  const log = openSync(logPath, 'a');
  const child = spawn(command, args, {
    cwd,
    env: { ...process.env, ...env },
    stdio: ['ignore', log, log],
    detached: true,
  });
  closeSync(log);
  const { pid } = child;
  if (pid === undefined) throw new Error(`${args.join(' ')} did not start.`);
  const isRunning = (): boolean => child.exitCode === null && child.signalCode === null;
  return {
    pid,
    isRunning,
    exitCode: () => child.exitCode,
    logTail: async () => {
      const lines = (await readFile(logPath, 'utf8')).trimEnd().split('\n').slice(-LOG_TAIL_LINES);
      return lines.map((line) => line.slice(0, LOG_LINE_MAX)).join('\n');
    },
    stop: async () => {
      if (isRunning()) await stopChild(child);
      // What it may have left behind in its group.
      killQuietly(-pid);
    },
  };
}

/** Waits until the probe gives something; a program that ends meanwhile fails with the end of its log. */
export async function waitFor<T>(
  program: Program,
  wait: { what: string; timeoutMs: number; probe: () => Promise<T | null> },
): Promise<T> {
  const endMs = performance.now() + wait.timeoutMs;
  while (performance.now() < endMs && program.isRunning()) {
    const found = await wait.probe().catch(() => null);
    if (found !== null) return found;
    await sleep(POLL_MS);
  }
  throw new Error(`${wait.what} was not ready. The end of its log:\n${await program.logTail()}`);
}

export function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL');
  } catch {
    // It is gone, which is what we want.
  }
}

async function stopChild(child: ChildProcess): Promise<void> {
  const ended = once(child, 'exit');
  child.kill('SIGTERM');
  const isLate = await Promise.race([ended.then(() => false), sleep(STOP_TIMEOUT_MS, true, { ref: false })]);
  if (isLate) child.kill('SIGKILL');
  await ended;
}
