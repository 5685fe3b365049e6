import { afterAll, beforeAll, beforeEach, afterEach, describe, expect, it, vi } from 'vitest';

import { freshDatabase, type FreshDatabase } from '../test/setup/fresh-database.ts';
import { openDatabase } from './database.ts';
import { listen, openDoorbell, type BellChannel, type Listening } from './doorbell.ts';
import { createLogger } from './logger.ts';

const logger = createLogger({ level: 'silent' });
let database: FreshDatabase;
let listening: Listening;
let rings: string[];

beforeAll(async () => {
  database = await freshDatabase();
});
afterAll(() => database.drop());
beforeEach(async () => {
  rings = [];
  listening = hear(['turn_done', 'webhook_due']);
  await listening.ready;
});
afterEach(() => listening.close());

function hear(channels: readonly BellChannel[]): Listening {
  const onRing = (channel: BellChannel, payload: string) => rings.push(`${channel} ${payload}`);
  return listen({ url: database.url, channels, onRing, logger });
}

async function listenerPids(): Promise<number[]> {
  const { rows } = await database.knex.raw<{ rows: { pid: number }[] }>(
    `select pid from pg_stat_activity where application_name = 'bob-listen' and datname = current_database()`,
  );
  return rows.map(({ pid }) => pid);
}

it('what is rung is heard, each ring once', async () => {
  const doorbell = openDoorbell({ knex: database.knex, logger });
  doorbell.ring('turn_done', 'trn_1');
  doorbell.ring('turn_done', 'trn_1');
  doorbell.ring('turn_done', 'trn_2');
  doorbell.ring('webhook_due', 'trn_1');
  await expect.poll(() => rings.toSorted()).toEqual(['turn_done trn_1', 'turn_done trn_2', 'webhook_due trn_1']);
  await doorbell.close();
});

it('many rings are one statement', async () => {
  const statements: string[] = [];
  const note = ({ sql }: { sql: string }) => statements.push(sql);
  database.knex.on('query', note);
  const doorbell = openDoorbell({ knex: database.knex, logger });
  for (let number = 0; number < 100; number += 1) doorbell.ring('turn_done', `trn_${number}`);
  await doorbell.flush();
  database.knex.off('query', note);
  expect(statements.filter((sql) => sql.includes('pg_notify'))).toHaveLength(1);
  await expect.poll(() => rings).toHaveLength(100);
});

it('a flush with nothing to tell asks the database nothing', async () => {
  const statements: string[] = [];
  const note = ({ sql }: { sql: string }) => statements.push(sql);
  database.knex.on('query', note);
  await openDoorbell({ knex: database.knex, logger }).flush();
  database.knex.off('query', note);
  expect(statements).toEqual([]);
});

it('other channels are not heard', async () => {
  const doorbell = openDoorbell({ knex: database.knex, logger });
  doorbell.ring('reply_chunk', 'trn_1');
  await doorbell.flush();
  doorbell.ring('turn_done', 'trn_2');
  await doorbell.flush();
  await expect.poll(() => rings).toEqual(['turn_done trn_2']);
});

it('a listener whose connection was cut comes back', async () => {
  const [cut] = await listenerPids();
  await database.knex.raw('select pg_terminate_backend(?)', [cut ?? 0]);
  await vi.waitFor(
    async () => {
      const pids = await listenerPids();
      expect(pids).toHaveLength(1);
      expect(pids).not.toContain(cut);
    },
    { timeout: 10_000, interval: 50 },
  );
  const doorbell = openDoorbell({ knex: database.knex, logger });
  await vi.waitFor(
    async () => {
      doorbell.ring('turn_done', 'trn_back');
      await doorbell.flush();
      expect(rings).toContain('turn_done trn_back');
    },
    { timeout: 10_000, interval: 50 },
  );
});

it('a closed listener is gone and stays away', async () => {
  await listening.close();
  await expect.poll(listenerPids).toEqual([]);
});

describe('a database that is away', () => {
  it('loses a ring and nothing else', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing';
    const knex = openDatabase({ url, applicationName: 'bob-test', poolMax: 1 });
    const doorbell = openDoorbell({ knex, logger });
    doorbell.ring('turn_done', 'trn_1');
    await expect(doorbell.close()).resolves.toBeUndefined();
    await knex.destroy();
  });

  it('keeps no ring from being heard in the process it is rung in', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing';
    const knex = openDatabase({ url, applicationName: 'bob-test', poolMax: 1 });
    const beside = vi.fn<(channel: BellChannel, payload: string) => void>();
    const doorbell = openDoorbell({ knex, logger, beside });
    doorbell.ring('turn_stop', 'ses_1');
    expect(beside.mock.calls).toEqual([['turn_stop', 'ses_1']]);
    await doorbell.close();
    await knex.destroy();
  });

  it('does not keep a listener from being closed', async () => {
    const url = 'postgres://nobody@127.0.0.1:1/nothing';
    await listen({ url, channels: ['turn_done'], onRing: () => undefined, logger }).close();
  });
});
