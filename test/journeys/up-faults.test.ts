import { spawnSync } from 'node:child_process';
import { randomBytes } from 'node:crypto';
import { once } from 'node:events';
import { existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs';
import { createServer } from 'node:http';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';

import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';

import { freePort } from '#platform/embedded/free-port.ts';
import { newSecretKey } from '#platform/key-ring.ts';

import { type BobProcess, startBob } from '../fixtures/bob-process.ts';
import { quietPort } from '../fixtures/quiet-port.ts';
import { endServersOf, tracesOf } from '../fixtures/traces.ts';
import { databaseUrl } from '../setup/database-url.ts';
import { freshDatabase } from '../setup/fresh-database.ts';
import { createDatabase, dropDatabases } from '../setup/template.ts';

type Variables = Record<string, string>;
type Command = 'up' | 'api' | 'worker' | 'migrate';

const SECRET = 'hunter2-is-secret';
/** Far more than it takes; a start that goes on is the fault we look for. */
const REFUSED_WITHIN_MS = 30_000;
const NOBODY_THERE = '127.0.0.1:1';

let dataDir: string;
let port: number;
let started: BobProcess[];

beforeEach(async () => {
  dataDir = join(mkdtempSync(join(tmpdir(), 'bob-faults-')), 'data');
  port = await quietPort();
  started = [];
});
afterEach(async () => {
  await endAll();
  rmSync(join(dataDir, '..'), { recursive: true, force: true });
});

/** Only a test that failed has left something to end: the servers of a killed `bob up` live on. */
async function endAll(): Promise<void> {
  for (const bob of started.splice(0)) {
    bob.kill('SIGINT');
    await Promise.race([bob.ended, sleep(10_000, null, { ref: false })]);
    bob.kill('SIGKILL');
  }
  endServersOf(dataDir);
}

function start(command: Command, variables: Variables): BobProcess {
  const bob = startBob(command, { BOB_DATA_DIR: dataDir, PORT: String(port), LOG_LEVEL: 'warn', ...variables });
  started.push(bob);
  return bob;
}

/** Runs a start that must fail: exit 1, a sentence on stderr without a secret or a stack, and nothing left behind. */
async function refusal(command: Command, variables: Variables): Promise<string> {
  const bob = start(command, variables);
  const code = await Promise.race([bob.ended, sleep(REFUSED_WITHIN_MS, 'still running', { ref: false })]);
  expect(code, bob.output()).toBe(1);
  expect(bob.output()).not.toContain(SECRET);
  expect(bob.stderr()).not.toMatch(/^\s+at /m);
  expect(tracesOf(dataDir)).toEqual([]);
  if (variables['PORT'] === undefined) expect(await freePort(port)).toBe(port);
  return bob.stderr().trim();
}

/** What `bob api` and `bob worker` need, all of it in order. */
function wholeEnvironment(database: string) {
  return {
    DATABASE_URL: database,
    TEMPORAL_ADDRESS: inject('temporalAddress'),
    BOB_SECRET_KEYS: newSecretKey('k1'),
    BOB_MODEL: 'stub-0-0-8',
    BOB_MODEL_SKU: 'model:bob/bob-offline',
    OPENAI_BASE_URL: `http://${NOBODY_THERE}/v1`,
  };
}

/** The test cluster's address with something wrong in it. */
function wrongUrl(change: (url: URL) => void): string {
  const url = new URL(inject('adminDatabaseUrl'));
  change(url);
  return url.href;
}

test.each<[Command, Variables, RegExp]>([
  ['up', { DATABASE_URL: `${SECRET}, no URL` }, /^DATABASE_URL: expected postgres:/],
  ['api', { PORT: SECRET }, /^PORT: expected a port/],
  ['up', { PORT: '70000' }, /^PORT: expected a port/],
  ['migrate', { LOG_LEVEL: SECRET }, /^LOG_LEVEL: .*expected one of/],
  ['worker', { BOB_SECRET_KEYS: `k1:${SECRET}` }, /^BOB_SECRET_KEYS: expected id:base64 of 32 bytes/],
  ['up', { TEMPORAL_ADDRESS: SECRET }, /^TEMPORAL_ADDRESS: expected host:port/],
  ['up', { OPENAI_BASE_URL: SECRET }, /^OPENAI_BASE_URL: expected an http or https URL/],
  ['api', {}, /^DATABASE_URL, TEMPORAL_ADDRESS, BOB_SECRET_KEYS: needed here/],
  ['migrate', {}, /^DATABASE_URL: needed/],
])(
  'bob %s with %o says which variable is wrong, and what was expected, never the value',
  async (command, wrong, sentence) => {
    expect(await refusal(command, wrong)).toMatch(sentence);
    expect(existsSync(dataDir)).toBe(false);
  },
);

test('a database that is not there, or lets us not in, is named before anything is started', async ({ skip }) => {
  const gone = await refusal('up', { DATABASE_URL: `postgres://bob:${SECRET}@${NOBODY_THERE}/bob` });
  expect(gone).toMatch(/^DATABASE_URL: no use can be made of the database at 127\.0\.0\.1:1\/bob: .*ECONNREFUSED/);
  const unknown = await refusal('migrate', { DATABASE_URL: databaseUrl(inject('adminDatabaseUrl'), 'no_such_one') });
  expect(unknown).toMatch(/^DATABASE_URL: .*database "no_such_one" does not exist/);
  const asked = wrongUrl((url) => {
    url.password = SECRET;
  });
  if (await letsIn(asked)) skip('the given test server asks for no password');
  for (const command of ['up', 'worker'] as const) {
    const refused = await refusal(command, { ...wholeEnvironment(asked), TEMPORAL_ADDRESS: NOBODY_THERE });
    expect(refused).toMatch(/^DATABASE_URL: .*password authentication failed/);
  }
});

async function letsIn(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url });
  const isIn = await client.connect().then(
    () => true,
    () => false,
  );
  await client.end().catch(() => undefined);
  return isIn;
}

test('bob api on a taken port says so, and bob up as well', async () => {
  const other = createServer().listen(port, '127.0.0.1');
  await once(other, 'listening');
  try {
    const taken = { ...wholeEnvironment(inject('adminDatabaseUrl')), PORT: String(port) };
    const sentence = `PORT: another program listens there already (127.0.0.1:${port})`;
    expect(await refusal('api', taken)).toContain(sentence);
    expect(await refusal('up', { PORT: String(port) })).toContain(sentence);
    expect(existsSync(dataDir)).toBe(false);
  } finally {
    other.close();
  }
});

test('a Temporal that is not there, or has not our namespace, stops each of the processes', async () => {
  const database = await freshDatabase();
  try {
    const whole = wholeEnvironment(database.url);
    for (const command of ['up', 'api', 'worker'] as const) {
      const away = await refusal(command, { ...whole, TEMPORAL_ADDRESS: NOBODY_THERE });
      expect(away).toContain(`TEMPORAL_ADDRESS: nothing answers at ${NOBODY_THERE}`);
      const nameless = await refusal(command, { ...whole, TEMPORAL_NAMESPACE: 'nowhere' });
      expect(nameless).toMatch(/^TEMPORAL_NAMESPACE: the server at .* has no namespace "nowhere"\. Create it: /);
    }
  } finally {
    await database.drop();
  }
});

test('a model without a published rate stops the start, and is not called', async () => {
  let calls = 0;
  const model = createServer((_request, response) => {
    calls += 1;
    response.end('{}');
  }).listen(port, '127.0.0.1');
  await once(model, 'listening');
  const database = await freshDatabase();
  try {
    const { DATABASE_URL, TEMPORAL_ADDRESS, BOB_SECRET_KEYS } = wholeEnvironment(database.url);
    const reached = { OPENAI_BASE_URL: `http://127.0.0.1:${port}/v1`, OPENAI_API_KEY: SECRET };
    const given = { DATABASE_URL, TEMPORAL_ADDRESS, BOB_SECRET_KEYS, ...reached, BOB_MODEL: 'nonsense', PORT: '0' };
    // First data brings the pricebook in which the model is looked up.
    const migrating = start('migrate', { DATABASE_URL, BOB_OPERATOR_PASSWORD: SECRET });
    expect(await migrating.ended, migrating.output()).toBe(0);
    const refused = await refusal('worker', given);
    expect(refused).toMatch(/^BOB_MODEL "nonsense" has no published rate.*Set BOB_MODEL_SKU to one of: model:/);
    expect(calls).toBe(0);
  } finally {
    await database.drop();
    model.close();
  }
});

test('bob up with a key and an unknown model stops before its worker; the next start finds all in order', async () => {
  const refused = await refusal('up', { OPENAI_API_KEY: SECRET, BOB_MODEL: 'nonsense' });
  expect(refused).toMatch(/^BOB_MODEL "nonsense" has no published rate/);
  const next = start('up', {});
  await next.printed('Ctrl-C stops everything');
  next.kill('SIGINT');
  expect(await next.ended).toBe(0);
  expect(tracesOf(dataDir)).toEqual([]);
});

test('bob migrate without a first password changes nothing; with one it can be repeated without', async () => {
  await withEmptyDatabase(async (url) => {
    for (const command of ['api', 'worker'] as const) {
      expect(await refusal(command, wholeEnvironment(url))).toMatch(
        /^DATABASE_URL: \d+ of \d+ migrations have not run/,
      );
    }
    expect(await refusal('migrate', { DATABASE_URL: url })).toMatch(/^BOB_OPERATOR_PASSWORD: set the password/);
    expect(await tablesIn(url)).toBe(0);
    const given = start('migrate', { DATABASE_URL: url, BOB_OPERATOR_PASSWORD: SECRET });
    expect(await given.ended, given.output()).toBe(0);
    expect(given.output()).not.toContain(SECRET);
    const again = start('migrate', { DATABASE_URL: url });
    expect(await again.ended, again.output()).toBe(0);
    expect(again.output()).toContain('up to date');
  });
});

async function withEmptyDatabase(use: (url: string) => Promise<void>): Promise<void> {
  const adminUrl = inject('adminDatabaseUrl');
  const name = `${inject('databasePrefix')}_empty_${randomBytes(4).toString('hex')}`;
  try {
    await use(await createDatabase({ adminUrl, name }));
  } finally {
    await dropDatabases({ adminUrl, names: [name] });
  }
}

async function tablesIn(url: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const found = `select count(*)::integer as n from pg_tables where schemaname = 'public'`;
    const { rows } = await client.query<{ n: number }>(found);
    return rows[0]?.n ?? Number.NaN;
  } finally {
    await client.end();
  }
}

// On the smaller one the database does not fit, on the other its tables.
test.each(['40m', '46m'])(
  'bob up on a full disk (%s) says so, stops all, and goes on once there is room',
  async (size) => {
    mkdirSync(dataDir);
    if (!mount(`size=${size}`)) {
      process.stderr.write('not shown: this user may not mount a small file system\n');
      return;
    }
    try {
      expect(await refusal('up', {})).toMatch(/^There is no space left on the disk/);
      expect(mount('remount,size=400m')).toBe(true);
      const next = start('up', {});
      await next.printed('Ctrl-C stops everything');
      next.kill('SIGINT');
      expect(await next.ended).toBe(0);
    } finally {
      await endAll();
      spawnSync('/bin/umount', [dataDir]);
    }
  },
);

function mount(options: string): boolean {
  return spawnSync('/bin/mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', dataDir]).status === 0;
}
