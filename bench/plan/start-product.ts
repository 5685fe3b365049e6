import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startServer, type TemporalServer } from '../server/start-server.ts';
import { parseRecord, stringOf } from '../wire/parse-record.ts';
import { freePort } from './free-ports.ts';
import type { ModelUser } from './start-companions.ts';
import { killQuietly, type Program, startProgram, waitFor } from './program.ts';
import { tell } from './tell.ts';

export interface Product {
  url: string;
  /** Every process of it: api, worker, temporal, postgres. */
  pids: readonly number[];
  postgresPid: number | null;
  /** Its parts apart; api and worker are one. */
  parts: Readonly<Record<'node' | 'temporal' | 'postgres', number>>;
  /** A role of its cluster that may create databases. */
  ownerUrl: string;
  dataDir: string;
  temporalAddress: string;
  /** As they are now: a part that was started again has another pid. */
  currentParts(): Promise<Product['parts']>;
  /** After a kill: `bob up` on the same folder and port; its servers are adopted where they live. */
  startAgain(): void;
}

/** The product's own default. */
export const NAMESPACE = 'bob';
const READY_TIMEOUT_MS = 120_000;

// With one of these set it would not be the product of this folder that is measured.
const NOT_INHERITED =
  'DATABASE_URL DATABASE_OWNER_URL TEMPORAL_ADDRESS TEMPORAL_NAMESPACE TEMPORAL_API_KEY BOB_MODEL_SKU HOST PUBLIC_URL';

interface ProductStart {
  nodeArgs?: readonly string[];
  moreEnv?: Readonly<Record<string, string>>;
}

/** `bob up` on an empty data folder, with the stub as its model. */
export async function startProduct(
  user: ModelUser,
  { nodeArgs = [], moreEnv = {} }: ProductStart = {},
): Promise<Product> {
  const { root, folder, started, server } = user;
  const dataDir = join(folder, 'data');
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const env = environmentOf(user, { BOB_DATA_DIR: dataDir, PORT: String(port), ...moreEnv });
  const args = [...nodeArgs, join(root, 'bin/bob.mjs'), 'up'];
  const start = (): Program => {
    const begun = startProgram({ args, env, cwd: root, logPath: join(folder, 'product.log') });
    started.push(sureToEnd(begun, dataDir));
    return begun;
  };
  let program = start();
  await untilReady(program, url);
  const temporal = server === 'postgres' ? await changeServer(user, { program, dataDir }) : null;
  if (temporal !== null) {
    env['TEMPORAL_ADDRESS'] = temporal.address;
    program = start();
    await untilReady(program, url);
  }
  const readAll = async (): Promise<Record<string, number>> => ({
    ...(temporal === null ? {} : { temporal: temporal.pid }),
    ...(await readPids(dataDir)),
  });
  const pids = await readAll();
  return {
    url,
    pids: [...new Set([program.pid, ...Object.values(pids)])],
    postgresPid: pids['postgres'] ?? null,
    parts: partsIn(pids),
    ownerUrl: await readOwnerUrl(dataDir),
    dataDir,
    temporalAddress: temporal?.address ?? (await readTemporalAddress(dataDir)),
    currentParts: async () => partsIn(await readAll()),
    startAgain: () => void start(),
  };
}

async function untilReady(program: Program, url: string): Promise<void> {
  const probe = async (): Promise<true | null> => ((await fetch(`${url}/api/health/ready`)).ok ? true : null);
  await waitFor(program, { what: 'The product', timeoutMs: READY_TIMEOUT_MS, probe });
}

function environmentOf(
  { modelUrl, model }: ModelUser,
  more: Readonly<Record<string, string>>,
): Record<string, string | undefined> {
  return {
    ...Object.fromEntries(NOT_INHERITED.split(' ').map((name) => [name, undefined])),
    OPENAI_BASE_URL: modelUrl,
    OPENAI_API_KEY: 'stub',
    BOB_MODEL: model,
    LOG_LEVEL: 'warn',
    ...more,
  };
}

/**
 * A server that keeps its state in the product's PostgreSQL needs that first, and `bob up` wants its server first. So
 * it is killed, PostgreSQL outlives it, and the next `bob up` finds it running.
 */
async function changeServer(
  { folder, started }: ModelUser,
  { program, dataDir }: { program: Program; dataDir: string },
): Promise<TemporalServer> {
  const { node, temporal } = partsIn(await readPids(dataDir));
  for (const pid of [node, temporal]) killQuietly(pid);
  while (program.isRunning()) await sleep(20);
  return startServer({ folder, started, ownerUrl: await readOwnerUrl(dataDir), namespace: NAMESPACE, tell });
}

function partsIn(pids: Readonly<Record<string, number>>): Product['parts'] {
  const pidOf = (name: string): number => {
    const pid = pids[name];
    if (pid === undefined) throw new Error(`pids.json names no ${name}.`);
    return pid;
  };
  return { node: pidOf('api'), temporal: pidOf('temporal'), postgres: pidOf('postgres') };
}

/** `bob up` stops what it started; should it have been killed, that is left to us. */
function sureToEnd(program: Program, dataDir: string): Program {
  return {
    ...program,
    async stop() {
      const pids = await readPids(dataDir).catch(() => ({}));
      await program.stop();
      for (const pid of Object.values(pids)) killQuietly(pid);
    },
  };
}

async function readPids(dataDir: string): Promise<Record<string, number>> {
  const pids = Object.entries(parseRecord(await readFile(join(dataDir, 'pids.json'), 'utf8')));
  return Object.fromEntries(pids.filter((entry): entry is [string, number] => typeof entry[1] === 'number'));
}

async function readTemporalAddress(dataDir: string): Promise<string> {
  const state = parseRecord(await readFile(join(dataDir, 'temporal/temporal.json'), 'utf8'));
  return `127.0.0.1:${Number(state['port'])}`;
}

/** The owner of the embedded cluster's databases may create one more, for the naive program. */
async function readOwnerUrl(dataDir: string): Promise<string> {
  const state = parseRecord(await readFile(join(dataDir, 'postgres/postgres.json'), 'utf8'));
  return `postgres://bob_owner:${stringOf(state['ownerPassword'])}@127.0.0.1:${Number(state['port'])}/bob`;
}
