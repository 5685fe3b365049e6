import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { parseRecord, stringOf } from '../wire/parse-record.ts';
import type { ServerKind } from './bench-plan.ts';
import { type Program, startProgram, waitFor } from './program.ts';

/** Where a program of this run finds its things; it joins `started` at once, so that no end of the run misses it. */
export interface Surroundings {
  root: string;
  folder: string;
  started: Program[];
}

export interface ModelUser extends Surroundings {
  modelUrl: string;
  model: string;
  server: ServerKind;
}

export interface Companion {
  url: string;
  pids: readonly number[];
}

// The floor bundles its workflow first.
const READY_TIMEOUT_MS = 60_000;

/** The stub model, in a process of its own: in ours it would share the load generator's core. */
export async function startStub(around: Surroundings): Promise<Companion> {
  return startCompanion(around, { what: 'stub', script: 'bench/stub-model.ts', env: {} });
}

export async function startNaive(around: ModelUser, databaseUrl: string): Promise<Companion> {
  const model = { OPENAI_BASE_URL: around.modelUrl, OPENAI_API_KEY: 'stub', MODEL: around.model };
  const env = { ...model, PORT: '0', DATABASE_URL: databaseUrl };
  return startCompanion(around, { what: 'naive', script: 'bench/naive/server.ts', env });
}

/** The bare Temporal turn, on the server that the product has. */
export async function startFloor(
  around: Surroundings,
  { address, namespace }: { address: string; namespace: string },
): Promise<Companion> {
  const env = { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace };
  return startCompanion(around, { what: 'floor', script: 'bench/floor/server.ts', env });
}

/** Each tells its address in the first line it prints. */
async function startCompanion(
  { root, folder, started }: Surroundings,
  { what, script, env }: { what: string; script: string; env: Record<string, string> },
): Promise<Companion> {
  const logPath = join(folder, `${what}.log`);
  const program = startProgram({ args: [join(root, script)], env, cwd: root, logPath });
  started.push(program);
  const probe = async (): Promise<string | null> => {
    const lines = (await readFile(logPath, 'utf8')).split('\n');
    return stringOf(lines.map((line) => parseRecord(line)['url']).find((url) => url !== undefined)) || null;
  };
  const url = await waitFor(program, { what: `Program ${what}`, timeoutMs: READY_TIMEOUT_MS, probe });
  return { url, pids: [program.pid] };
}
