import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Knex } from 'knex';

import { openDatabase } from '#platform/database.ts';
import { freePort } from '#platform/embedded/free-port.ts';
import { startPostgres } from '#platform/embedded/postgres.ts';
import { startTemporal } from '#platform/embedded/temporal.ts';
import { readEnv } from '#platform/env.ts';
import { newSecretKey } from '#platform/key-ring.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { migrateDatabase } from '../../bin/migrate-database.ts';
import { type BobProcess, startBob } from '../fixtures/bob-process.ts';

export const DEMO_PASSWORD = 'demo password of a test';

export interface ProductApart {
  url: string;
  /** The owner's connection, for looking. */
  knex: Knex;
  databaseUrl: string;
  stub: StubModel;
  api: BobProcess;
  /** Another worker process, beside those that run already. */
  startWorker(): Promise<BobProcess>;
  stop(): Promise<void>;
}

type Stop = () => unknown;

/** `bob api` and `bob worker` apart, on a PostgreSQL that really syncs and a Temporal with a file, all its own. */
export async function startProductApart(): Promise<ProductApart> {
  const undo: Stop[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return { ...(await startAll(undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startAll(undo: Stop[]): Promise<Omit<ProductApart, 'stop'>> {
  const dataDir = mkdtempSync(join(tmpdir(), 'bob-chaos-'));
  undo.push(() => rmSync(dataDir, { recursive: true, force: true }));
  const log = (line: string): void => void process.stderr.write(`${line}\n`);
  const postgres = await startPostgres({ dataDir, log });
  undo.push(() => postgres.stop({ hurry: true }));
  const temporal = await startTemporal({ dataDir, log });
  undo.push(() => temporal.stop({ hurry: true }));
  const stub = await startStubModel();
  undo.push(() => stub.stop());
  const variables = {
    DATABASE_URL: postgres.url,
    TEMPORAL_ADDRESS: temporal.address,
    TEMPORAL_NAMESPACE: temporal.namespace,
    OPENAI_BASE_URL: stub.url,
    OPENAI_API_KEY: 'stub',
    BOB_MODEL: 'stub-0-0-8',
    BOB_MODEL_SKU: 'model:bob/bob-offline',
    BOB_SECRET_KEYS: newSecretKey('k1'),
    WEBHOOK_ALLOW_HOSTS: '127.0.0.1',
    LOG_LEVEL: 'warn',
  };
  await migrate(variables, postgres.ownerUrl);
  const knex = openDatabase({ url: postgres.ownerUrl, applicationName: 'bob-chaos', poolMax: 2 });
  undo.push(() => knex.destroy());
  const startWorker = async (): Promise<BobProcess> => {
    const worker = startBob('worker', variables);
    undo.push(() => ended(worker));
    await worker.printed('Worker: started');
    return worker;
  };
  const port = await freePort(0);
  const api = startBob('api', { ...variables, PORT: String(port) });
  undo.push(() => ended(api));
  await api.printed('API: http');
  return { url: `http://127.0.0.1:${port}`, knex, databaseUrl: postgres.ownerUrl, stub, api, startWorker };
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
