import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg } from 'node:os';
import { join } from 'node:path';
import type { BenchPlan, ServerKind } from './bench-plan.ts';
import type { Program } from './program.ts';
import { type ModelUser, startStub } from './start-companions.ts';
import { tell } from './tell.ts';

export const ROOT = join(import.meta.dirname, '../..');

/** One run of one plan: what it was asked for, and every program it started, in the order of their start. */
export interface BenchRun {
  name: string;
  folder: string;
  plan: BenchPlan;
  options: BenchOptions;
  started: Program[];
}

export interface BenchOptions {
  rounds: number;
  /** Length of one round or window. */
  seconds: number;
  business: string;
  targets: readonly string[];
  /** The product's own server with SQLite, or one in the product's PostgreSQL. */
  server: ServerKind;
  wires: readonly ('json' | 'sse')[];
  cells: readonly number[] | null;
  /** Where the naive program keeps its tables when the product is not measured. */
  databaseUrl: string | null;
  /** Turns of the long session. */
  turns: number;
  /** Counts of idle sessions, each above the one before. */
  sessions: readonly number[];
}

export async function startModel(run: BenchRun): Promise<{ user: ModelUser; pids: readonly number[] }> {
  const { folder, started, plan, options } = run;
  const around = { root: ROOT, folder, started };
  const stub = await startStub(around);
  return { user: { ...around, modelUrl: stub.url, model: plan.model, server: options.server }, pids: stub.pids };
}

export async function writeResult(run: BenchRun, result: Record<string, unknown>): Promise<void> {
  const { name, plan, options } = run;
  const folder = join(ROOT, 'bench/results');
  await mkdir(folder, { recursive: true });
  const startedAt = new Date(performance.timeOrigin).toISOString();
  const path = join(folder, `${name}-${startedAt.replaceAll(':', '-')}.json`);
  const machine = { cores: availableParallelism(), loadAverage: loadavg(), node: process.version };
  const shown = { ...options, databaseUrl: undefined };
  await writeFile(path, JSON.stringify({ startedAt, machine, name, plan, options: shown, ...result }, null, 2));
  tell(`written to ${path}`);
}
