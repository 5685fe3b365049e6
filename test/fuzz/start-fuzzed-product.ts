import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import type { Knex } from 'knex';

import { openDatabase } from '#platform/database.ts';
import { freePort } from '#platform/embedded/free-port.ts';
import { startPostgres } from '#platform/embedded/postgres.ts';
import { startTemporal } from '#platform/embedded/temporal.ts';

import { startStubModel } from '../../bench/stub-model.ts';
import { type BobProcess, startBob } from '../fixtures/bob-process.ts';
import { startWebhookReceiver } from '../fixtures/webhook-receiver.ts';
import { allowKeeping } from './kept-things.ts';

export interface FuzzedProduct {
  url: string;
  /** The owner's connection: what a fuzzer breaks for itself is put back through it. */
  knex: Knex;
  /** The only address that webhooks may reach. */
  receiverUrl: string;
  bob: BobProcess;
  stop(): Promise<void>;
}

/** `bob up` with a database, a Temporal, a model and a webhook receiver of its own, all on loopback. */
export async function startFuzzedProduct(): Promise<FuzzedProduct> {
  const undo: (() => unknown)[] = [];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    return { ...(await startParts(undo)), stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function startParts(undo: (() => unknown)[]): Promise<Omit<FuzzedProduct, 'stop'>> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bob-fuzz-'));
  undo.push(() => rm(dataDir, { recursive: true, force: true }));
  const postgres = await startPostgres({ dataDir, log, fsync: false });
  undo.push(() => postgres.stop({ hurry: true }));
  const temporal = await startTemporal({ dataDir, log, inMemory: true });
  undo.push(() => temporal.stop({ hurry: true }));
  const stub = await startStubModel();
  undo.push(() => stub.stop());
  const receiver = await startWebhookReceiver();
  undo.push(() => receiver.close());
  const port = await freePort(0);
  const bob = startBob('up', {
    BOB_DATA_DIR: join(dataDir, 'bob'),
    HOST: '127.0.0.1',
    PORT: String(port),
    DATABASE_URL: postgres.url,
    DATABASE_OWNER_URL: postgres.ownerUrl,
    TEMPORAL_ADDRESS: temporal.address,
    OPENAI_BASE_URL: stub.url,
    OPENAI_API_KEY: 'stub',
    BOB_MODEL: 'stub-0-0-8',
    BOB_MODEL_SKU: 'model:bob/bob-offline',
    WEBHOOK_ALLOW_HOSTS: new URL(receiver.url).host,
    LOG_LEVEL: 'warn',
  });
  undo.push(() => endOf(bob));
  const url = `http://127.0.0.1:${port}`;
  await bob.printed(url);
  const knex = openDatabase({ url: postgres.ownerUrl, applicationName: 'bob-fuzz', poolMax: 4 });
  undo.push(() => knex.destroy());
  await allowKeeping(knex);
  return { url, knex, receiverUrl: receiver.url, bob };
}

async function endOf(bob: BobProcess): Promise<void> {
  bob.kill('SIGKILL');
  await bob.ended;
}

function log(line: string): void {
  process.stderr.write(`${line}\n`);
}
