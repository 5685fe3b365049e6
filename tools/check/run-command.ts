import { spawn } from 'node:child_process';

export interface CommandResult {
  ok: boolean;
  /** What it said on both streams; empty when it was shown as it came. */
  output: string;
}

interface Command {
  file: string;
  args: readonly string[];
  env?: Record<string, string>;
  /** For what takes minutes: the reader sees it work. */
  live?: boolean;
}

/** A gate judges what is here: no tool calls home or asks for a newer self. */
const QUIET = { REDOCLY_TELEMETRY: 'off', REDOCLY_SUPPRESS_UPDATE_NOTICE: 'true' };

/** Runs a tool of node_modules/.bin, or anything on the PATH, and waits for it. */
export function runCommand({ file, args, env = {}, live = false }: Command): Promise<CommandResult> {
  return new Promise((resolve) => {
    const child = spawn(file, args, {
      stdio: ['ignore', live ? 'inherit' : 'pipe', live ? 'inherit' : 'pipe'],
      env: { ...process.env, ...QUIET, ...env },
    });
    const said: Buffer[] = [];
    child.stdout?.on('data', (chunk: Buffer) => said.push(chunk));
    child.stderr?.on('data', (chunk: Buffer) => said.push(chunk));
    child.once('error', (error) => resolve({ ok: false, output: error.message }));
    child.once('close', (code) => resolve({ ok: code === 0, output: Buffer.concat(said).toString('utf8') }));
  });
}
