import { randomBytes } from 'node:crypto';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { startPostgres } from '#platform/embedded/postgres.ts';
import { startTemporal } from '#platform/embedded/temporal.ts';

import { databasesOf, dropDatabases } from './template.ts';

export interface TestServers {
  /** A role that may create databases. */
  adminUrl: string;
  /** Empty when no Temporal server was asked for. */
  temporalAddress: string;
  /** Starts the name of each database of this run. */
  databasePrefix: string;
  stop(): Promise<void>;
}

type Stop = () => Promise<void>;

/**
 * One PostgreSQL and one Temporal server for a whole run: of our own, in a temporary folder, on free ports; or those
 * that TEST_DATABASE_URL and TEST_TEMPORAL_ADDRESS name. Databases are ours in both cases and removed at the end.
 */
export async function startServers({ temporal }: { temporal: boolean }): Promise<TestServers> {
  const dataDir = await mkdtemp(join(tmpdir(), 'bob-test-'));
  // Undone in the opposite order, also when a later part does not start.
  const undo: Stop[] = [() => rm(dataDir, { recursive: true, force: true })];
  const stop = async (): Promise<void> => {
    for (const step of undo.splice(0).toReversed()) await step();
  };
  try {
    const adminUrl = process.env['TEST_DATABASE_URL'] ?? (await ownPostgres(dataDir, undo));
    const databasePrefix = process.env['TEST_DATABASE_PREFIX'] ?? (await ownPrefix(adminUrl, undo));
    const givenAddress = process.env['TEST_TEMPORAL_ADDRESS'] ?? '';
    const temporalAddress = temporal && givenAddress === '' ? await ownTemporal(dataDir, undo) : givenAddress;
    return { adminUrl, databasePrefix, temporalAddress, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

async function ownPostgres(dataDir: string, undo: Stop[]): Promise<string> {
  const postgres = await startPostgres({ dataDir, log: tell, fsync: false });
  undo.push(() => postgres.stop({ hurry: true }));
  return postgres.ownerUrl;
}

async function ownTemporal(dataDir: string, undo: Stop[]): Promise<string> {
  const temporal = await startTemporal({ dataDir, log: tell, inMemory: true });
  undo.push(() => temporal.stop());
  return temporal.address;
}

async function ownPrefix(adminUrl: string, undo: Stop[]): Promise<string> {
  const prefix = `bobtest_${randomBytes(4).toString('hex')}`;
  undo.push(async () => dropDatabases({ adminUrl, names: await databasesOf({ adminUrl, prefix: `${prefix}_` }) }));
  return prefix;
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}
