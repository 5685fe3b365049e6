import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Knex } from 'knex';

import { openDatabase } from '#platform/database.ts';
import { freePort } from '#platform/embedded/free-port.ts';
import { readEnv } from '#platform/env.ts';
import { newSecretKey } from '#platform/key-ring.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { migrateDatabase } from '../../bin/migrate-database.ts';
import { type BobProcess, startBob } from '../fixtures/bob-process.ts';
import { type FaultProxy, startFaultProxy } from '../fixtures/fault-proxy.ts';
import { postgresVictim, type PostgresVictim, type ServerVictim, temporalVictim } from './server-victim.ts';

export const DEMO_PASSWORD = 'demo password of a test';

export interface ProductApart {
  url: string;
  /** The owner's connection, for looking: by no proxy. */
  knex: Knex;
  databaseUrl: string;
  stub: StubModel;
  /** The one that runs now. */
  readonly api: BobProcess;
  postgres: PostgresVictim;
  temporal: ServerVictim;
  /** The wires of API and worker to the database and to the model. */
  databaseWire: FaultProxy;
  modelWire: FaultProxy;
  /** The API again, on the same port, after it was killed. */
  startApi(): Promise<BobProcess>;
  /** Another worker process, beside those that run already. */
  startWorker(): Promise<BobProcess>;
  stop(): Promise<void>;
}

type Stop = () => unknown;

/** `bob api` and `bob worker` apart, on a PostgreSQL that really syncs and a Temporal with a file, all its own. */
export async function startProductApart({ model = 'stub-0-0-8' } = {}): Promise<ProductApart> {
  const undo: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const servers = await startServers(undo);
    return await startProcesses({ servers, undo, model, stop });
  } catch (error) {
    await stop();
    throw error;
  }
}

type Servers = Awaited<ReturnType<typeof startServers>>;

async function startServers(undo: Stop[]) {
  const dataDir = mkdtempSync(join(tmpdir(), 'bob-chaos-'));
  undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const postgres = await postgresVictim(dataDir);
  undo.push(() => postgres.end());
  const temporal = await temporalVictim(dataDir);
  undo.push(() => temporal.end());
  const stub = await startStubModel();
  undo.push(() => stub.stop());
  const databaseWire = await startFaultProxy(postgres.port);
  undo.push(() => databaseWire.close());
  const modelWire = await startFaultProxy(Number(new URL(stub.url).port));
  undo.push(() => modelWire.close());
  return { postgres, temporal, stub, databaseWire, modelWire };
}

interface Starting {
  servers: Servers;
  undo: Stop[];
  model: string;
  stop: Stop & (() => Promise<void>);
}

async function startProcesses({ servers, undo, model, stop }: Starting): Promise<ProductApart> {
  const { postgres } = servers;
  const variables = variablesOf(servers, model);
  await migrate({ ...variables, DATABASE_URL: postgres.url }, postgres.ownerUrl);
  const knex = openDatabase({ url: postgres.ownerUrl, applicationName: 'bob-chaos', poolMax: 4 });
  undo.push(() => knex.destroy());
  const start = async (command: 'api' | 'worker', more: Record<string, string>, ready: string): Promise<BobProcess> => {
    const bob = startBob(command, { ...variables, ...more });
    undo.push(() => ended(bob));
    await bob.printed(ready);
    return bob;
  };
  const port = await freePort(0);
  const startApi = async (): Promise<BobProcess> => start('api', { PORT: String(port) }, 'API: http');
  let api = await startApi();
  return {
    ...servers,
    url: `http://127.0.0.1:${port}`,
    knex,
    databaseUrl: postgres.ownerUrl,
    get api() {
      return api;
    },
    async startApi() {
      api = await startApi();
      return api;
    },
    startWorker: () => start('worker', {}, 'Worker: started'),
    stop,
  };
}

function variablesOf({ postgres, temporal, databaseWire, modelWire }: Servers, model: string) {
  const wired = new URL(postgres.url);
  wired.port = String(databaseWire.port);
  return {
    DATABASE_URL: wired.href,
    TEMPORAL_ADDRESS: `127.0.0.1:${temporal.port}`,
    TEMPORAL_NAMESPACE: 'bob',
    OPENAI_BASE_URL: `http://127.0.0.1:${modelWire.port}/v1`,
    OPENAI_API_KEY: 'stub',
    BOB_MODEL: model,
    BOB_MODEL_SKU: 'model:bob/bob-offline',
    BOB_SECRET_KEYS: newSecretKey('k1'),
    WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
    LOG_LEVEL: 'warn',
  };
}

/** With the wide limits of a machine of one's own: this load comes from one address. */
async function migrate(variables: Record<string, string> & { DATABASE_URL: string }, ownerUrl: string): Promise<void> {
  const passwords = { BOB_OPERATOR_PASSWORD: 'operator password of a test', BOB_DEMO_PASSWORD: DEMO_PASSWORD };
  const env = readEnv({ ...variables, ...passwords, DATABASE_OWNER_URL: ownerUrl });
  await migrateDatabase({ ...env, DATABASE_URL: variables.DATABASE_URL }, { log: () => undefined, mode: 'up' });
}

async function ended(bob: BobProcess): Promise<void> {
  bob.kill('SIGKILL');
  await bob.ended;
}
