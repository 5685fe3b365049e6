import { existsSync } from 'node:fs';

import type { Gate, GateResult } from './gate.ts';
import { runCommand } from './run-command.ts';

const CODE_FOLDERS = [
  'activities',
  'api',
  'bench',
  'bin',
  'contract',
  'domain',
  'migrations',
  'models',
  'platform',
  'portal',
  'test',
  'tools',
  'widget',
  'workflows',
];

function folders(): string[] {
  return CODE_FOLDERS.filter((name) => existsSync(name));
}

/** Several commands, all of which must agree; each is run even when an earlier one is red. */
async function runAll(commands: readonly (readonly string[])[]): Promise<GateResult> {
  const results: GateResult[] = [];
  for (const [file = '', ...args] of commands) results.push(await runCommand({ file, args }));
  const red = results.filter((result) => !result.ok);
  return { ok: red.length === 0, output: red.map((result) => result.output).join('\n') };
}

function commandGate(name: string, commands: () => readonly (readonly string[])[]): Gate {
  return { name, run: () => runAll(commands()) };
}

export const formatGate = commandGate('format', () => [['oxfmt', '--check', '.']]);
export const lintGate = commandGate('lint', () => [['oxlint', '--format=unix', ...folders(), 'vitest.config.ts']]);
// The widget lives in browsers: their names are known there, and Node's are not.
export const typesGate = commandGate('types', () => [
  ['tsc', '-p', 'tsconfig.json'],
  ['tsc', '-p', 'widget/tsconfig.json'],
]);
export const directionGate = commandGate('direction', () => [
  ['depcruise', '--config', '.dependency-cruiser.cjs', ...folders()],
  ['depcruise', '--config', '.dependency-cruiser.runtime.cjs', ...folders()],
]);
export const deadCodeGate = commandGate('dead code', () => [['knip', '--no-progress', '--no-config-hints']]);
export const bundleGate = commandGate('bundle', () => [['node', 'tools/check/bundle.ts']]);
export const contractGate = commandGate('contract', () => [
  ['node', 'bin/write-openapi.ts', '--check'],
  ['redocly', 'lint', 'docs/openapi.json', '--config', 'tools/check/redocly.yaml'],
]);
export const licencesGate = commandGate('licences', () => [['node', 'tools/check/licences.ts']]);
export const lockGate = commandGate('lock', () => [['node', 'tools/check/lock.ts']]);
