import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { listenOnLoopback } from '../wire/listen-on-loopback.ts';
import { parseRecord, stringOf } from '../wire/parse-record.ts';
import type { ModelUser } from './start-companions.ts';
import { killQuietly, type Program, startProgram, waitFor } from './program.ts';

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
  /** As they are now: a part that was started again has another pid. */
  currentParts(): Promise<Product['parts']>;
  /** After a kill: `bob up` on the same folder and port; its servers are adopted where they live. */
  startAgain(): void;
}

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
  { root, folder, started, modelUrl, model }: ModelUser,
  { nodeArgs = [], moreEnv = {} }: ProductStart = {},
): Promise<Product> {
  const dataDir = join(folder, 'data');
  const port = await freePort();
  const env = {
    ...Object.fromEntries(NOT_INHERITED.split(' ').map((name) => [name, undefined])),
    BOB_DATA_DIR: dataDir,
    PORT: String(port),
    OPENAI_BASE_URL: modelUrl,
    OPENAI_API_KEY: 'stub',
    BOB_MODEL: model,
    LOG_LEVEL: 'warn',
    ...moreEnv,
  };
  const args = [...nodeArgs, join(root, 'bin/bob.mjs'), 'up'];
  const start = (): Program => {
    const begun = startProgram({ args, env, cwd: root, logPath: join(folder, 'product.log') });
    started.push(sureToEnd(begun, dataDir));
    return begun;
  };
  const program = start();
  const url = `http://127.0.0.1:${port}`;
  const probe = async (): Promise<true | null> => ((await fetch(`${url}/api/health/ready`)).ok ? true : null);
  await waitFor(program, { what: 'The product', timeoutMs: READY_TIMEOUT_MS, probe });
  const pids = await readPids(dataDir);
  const all = [...new Set([program.pid, ...Object.values(pids)])];
  const currentParts = async (): Promise<Product['parts']> => partsIn(await readPids(dataDir));
  return {
    url,
    pids: all,
    postgresPid: pids['postgres'] ?? null,
    parts: partsIn(pids),
    ownerUrl: await readOwnerUrl(dataDir),
    dataDir,
    currentParts,
    startAgain: () => void start(),
  };
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

/** The owner of the embedded cluster's databases may create one more, for the naive program. */
async function readOwnerUrl(dataDir: string): Promise<string> {
  const state = parseRecord(await readFile(join(dataDir, 'postgres/postgres.json'), 'utf8'));
  return `postgres://bob_owner:${stringOf(state['ownerPassword'])}@127.0.0.1:${Number(state['port'])}/bob`;
}

export async function freePort(): Promise<number> {
  const server = createServer();
  const port = await listenOnLoopback(server, 0);
  server.close();
  await once(server, 'close');
  return port;
}
