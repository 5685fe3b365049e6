import { spawnSync } from 'node:child_process';
import { join } from 'node:path';

import { ROOT } from './sound-tree.ts';

const TIMEOUT_MS = 60_000;

interface GateRun {
  green: boolean;
  said: string;
}

/** Runs a gate's command in a planted tree, on the project's own tools. */
export function runGate(folder: string, [file = '', ...args]: readonly string[], env = {}): GateRun {
  const bin = join(ROOT, 'node_modules', '.bin');
  const path = `${bin}:${process.env['PATH'] ?? ''}`;
  const done = spawnSync(file, args, {
    cwd: folder,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    env: { ...process.env, PATH: path, NO_COLOR: '1', ...env },
  });
  return { green: done.status === 0, said: `${done.stdout}${done.stderr}` };
}

/** A script of tools/check, told which tree to judge by its working directory. */
export function script(name: string): string[] {
  return ['node', join(ROOT, 'tools', 'check', name)];
}
