import { type ChildProcess, spawn } from 'node:child_process';
import { closeSync, openSync } from 'node:fs';
import { setTimeout as pause } from 'node:timers/promises';
import { isAlive } from './process-mark.mjs';

/** A server process that runs apart from us: ours by birth, or adopted after an earlier `bob up` was killed. */
export interface OwnProcess {
  readonly pid: number;
  /** Resolves when the process is gone. */
  readonly ended: Promise<void>;
}

export interface Launch {
  command: string;
  args: readonly string[];
  logFile: string;
  cwd?: string;
  identity?: { uid: number; gid: number };
}

/**
 * Its own process group, so that Ctrl-C reaches only us and the parts stop in order; a file instead of a pipe for its
 * log, so that it outlives us; and none of our environment, where the secrets are.
 */
export async function launch({ command, args, logFile, cwd, identity }: Launch): Promise<OwnProcess> {
  const log = openSync(logFile, 'a', 0o600);
  try {
    const child = spawn(command, [...args], {
      stdio: ['ignore', log, log],
      detached: true,
      ...(process.platform === 'win32' ? {} : { env: {} }),
      ...(cwd === undefined ? {} : { cwd }),
      ...identity,
    });
    child.unref();
    return { pid: await startedPid(child), ended: endOf(child) };
  } finally {
    closeSync(log);
  }
}

function startedPid(child: ChildProcess): Promise<number> {
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('spawn', () => resolve(child.pid ?? 0));
  });
}

function endOf(child: ChildProcess): Promise<void> {
  return new Promise((resolve) => {
    child.once('exit', () => resolve());
  });
}

/** Not our child, so nobody tells us when it ends: we look. */
export function adopt(pid: number): OwnProcess {
  const watch = async (): Promise<void> => {
    while (isAlive(pid)) await pause(200, undefined, { ref: false });
  };
  return { pid, ended: watch() };
}

/** Asks a process to end, and makes it end when it has not done so in time. */
export async function endProcess(target: OwnProcess, { signal, graceMs }: Ending): Promise<void> {
  send(target.pid, signal);
  if (await endsWithin(target, graceMs)) return;
  send(target.pid, 'SIGKILL');
  await endsWithin(target, 5000);
}

interface Ending {
  signal: NodeJS.Signals;
  graceMs: number;
}

async function endsWithin(target: OwnProcess, timeoutMs: number): Promise<boolean> {
  const timer = new AbortController();
  const late = pause(timeoutMs, false, { signal: timer.signal }).catch(() => false);
  const inTime = await Promise.race([target.ended.then(() => true), late]);
  timer.abort();
  return inTime;
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch {
    // Gone already, which is what was wanted.
  }
}
