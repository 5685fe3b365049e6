import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { ROUTES } from '#contract/routes/index.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { startBob, type BobProcess } from '../fixtures/bob-process.ts';
import { callDocumented } from '../fixtures/documented-calls.ts';
import { bearer } from '../fixtures/isolation/credentials.ts';
import { fillTenant, PASSWORD, type FilledTenant } from '../fixtures/isolation/filled-tenant.ts';
import { openMailbox, type Mailbox } from '../fixtures/mailbox.ts';
import { bodyOf, pathOf } from '../fixtures/route-caller.ts';
import { ACCOUNTS, prepareProduct } from '../fixtures/running-product.ts';
import { startWebhookReceiver, type WebhookReceiver } from '../fixtures/webhook-receiver.ts';

let stub: StubModel;
let receiver: WebhookReceiver;
let mailbox: Mailbox;
let parts: Awaited<ReturnType<typeof prepareProduct>>;
const processes: BobProcess[] = [];
let url: string;
let tenant: FilledTenant;
let mailTokens: string[];

beforeAll(async () => {
  stub = await startStubModel();
  receiver = await startWebhookReceiver();
  mailbox = await openMailbox();
  const env = { LOG_LEVEL: 'trace', BOB_DATA_DIR: mailbox.dataDir, OPENAI_API_KEY: 'sk-model-secret' };
  parts = await prepareProduct({ model: { url: stub.url, name: 'stub-0-0-8' }, env });
  const worker = startBob('worker', { ...variables(), BOB_WORKER_HEALTH_PORT: '0' });
  const api = startBob('api', variables());
  processes.push(worker, api);
  await Promise.all([worker.printed('Worker: started'), api.printed('API: http')]);
  url = /^API: (http:\/\/\S+)$/m.exec(api.output())?.[1] ?? '';
  const call = callDocumented(() => url, new Set());
  tenant = await fillTenant({ url, knex: parts.knex, call, receiverUrl: receiver.url }, 'planted');
  mailTokens = [
    await mailbox.tokenFor(`${tenant.hidden}@example.com`),
    await mailbox.tokenFor(`invited-${tenant.hidden}@example.com`),
  ];
  await failEverywhere();
});
afterAll(async () => {
  for (const bob of processes) {
    bob.kill('SIGTERM');
    await bob.ended;
  }
  await parts.close();
  await mailbox.remove();
  await receiver.close();
  await stub.stop();
});

const FAILED = 'plantedinafailedrequest';
const failures: string[] = [];

function variables(): Record<string, string> {
  const given = Object.entries(parts.env).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([name, value]) => [name, String(value)]));
}

/** Every text of every body is a planted one, from somebody who may, and then from nobody. */
async function failEverywhere(): Promise<void> {
  const tries = ROUTES.filter(({ body, path }) => body !== undefined && !/logout/.test(path)).flatMap((route) =>
    [bearer(tenant.tokens.owner), {}].map(async (headers) => {
      const own = Object.entries(bodyOf(route)).map(([name, value]) => [
        name,
        typeof value === 'string' ? FAILED : value,
      ]);
      const answer = await fetch(`${url}${pathOf(route)}`, {
        method: route.method.toUpperCase(),
        headers: { 'Content-Type': 'application/json', Prefer: 'respond-async', ...headers },
        body: JSON.stringify({ ...Object.fromEntries(own), email: `${FAILED}@example.com` }),
      });
      const text = await answer.text();
      if (answer.status >= 400) failures.push(`${route.operationId}: ${text}`);
    }),
  );
  await Promise.all(tries);
}

/** What proves something: nobody but its holder may see it again, not even in the database. */
function proofs(): string[] {
  const { tokens, browser, apiKeys, chats, visitorCookie, webhookSecret } = tenant;
  const cookies = [browser.cookie, visitorCookie].map((cookie) => cookie.slice(cookie.indexOf('=') + 1));
  const visitors = [chats.public.token, chats.widget.token];
  const ofTheInstallation = [parts.env.BOB_SECRET_KEYS.split(':')[1] ?? '', ACCOUNTS.operator.password];
  return [
    ...Object.values(tokens),
    ...Object.values(apiKeys),
    ...cookies,
    ...visitors,
    ...mailTokens,
    browser.csrf,
    webhookSecret,
    webhookSecret.replace('whsec_', ''),
    PASSWORD,
    ACCOUNTS.demo.password,
    ...ofTheInstallation,
    'sk-model-secret',
  ];
}

/** And what people said, are called, or can be written to under. */
function planted(): string[] {
  return [...proofs(), tenant.hidden, FAILED];
}

function foundIn(text: string, secrets: readonly string[]): string[] {
  return secrets.filter((secret) => text.includes(secret));
}

test('what is planted can be found at all', () => {
  expect(proofs().filter((secret) => secret.length < 8)).toEqual([]);
  expect(new Set(proofs()).size).toBeGreaterThan(14);
  expect(failures.length).toBeGreaterThan(40);
});

describe('nothing of it is in', () => {
  test('the log, however much it tells; and every line of it is one record', async () => {
    for (const bob of processes) {
      await expect.poll(() => bob.output()).toContain('"level":');
      const lines = bob.output().split('\n');
      expect(lines.filter((line) => foundIn(line, planted()).length > 0)).toEqual([]);
      const records = lines.filter((line) => line.startsWith('{'));
      expect(records.map((line) => typeof JSON.parse(line))).not.toContain('string');
      expect(lines.filter((line) => line.includes('"level"') && !line.startsWith('{"level":'))).toEqual([]);
    }
  });

  test('an error, of whatever route', () => {
    expect(failures.filter((failure) => foundIn(failure, planted()).length > 0)).toEqual([]);
  });

  test('an event that is told, or kept to be told', async () => {
    expect(receiver.requests.length).toBeGreaterThan(5);
    for (const { body, headers } of receiver.requests) {
      expect(foundIn(`${body} ${JSON.stringify(headers)}`, planted())).toEqual([]);
    }
    const events = await parts.knex('webhook_event').pluck<string[]>('body');
    expect(foundIn(events.join('\n'), planted())).toEqual([]);
    const read = await fetch(`${url}/api/events`, { headers: bearer(tenant.tokens.owner) });
    expect(foundIn(await read.text(), planted())).toEqual([]);
  });

  test('a metric, or a figure of the whole installation', async () => {
    const operator = await fetch(`${url}/api/auth/login`, {
      method: 'POST',
      headers: { 'Content-Type': 'application/json' },
      body: JSON.stringify(ACCOUNTS.operator),
    });
    const { token } = (await operator.json()) as { token: string };
    for (const path of ['/metrics', '/api/metrics/business', '/api/health', '/api/health/ready']) {
      const answer = await fetch(`${url}${path}`, { headers: path.startsWith('/api/metrics') ? bearer(token) : {} });
      expect([path, answer.status]).toEqual([path, 200]);
      expect(foundIn(await answer.text(), planted())).toEqual([]);
    }
  });

  test('a history of Temporal', async () => {
    let histories = 0;
    for await (const { workflowId, runId } of parts.temporal.workflow.list()) {
      const history = await parts.temporal.workflow.getHandle(workflowId, runId).fetchHistory();
      // Payloads are bytes: both as they are, and as the JSON they hold.
      const text = JSON.stringify(history, (_, value: unknown) =>
        value instanceof Uint8Array ? Buffer.from(value).toString('utf8') : value,
      );
      expect(foundIn(`${workflowId} ${text}`, planted())).toEqual([]);
      histories += 1;
    }
    expect(histories).toBeGreaterThan(2);
  });

  test('a statement that PostgreSQL shows', async () => {
    const { rows } = await parts.knex.raw<{ rows: { query: string }[] }>(
      `select query from pg_stat_activity where application_name <> 'bob-test'`,
    );
    expect(rows.length).toBeGreaterThan(1);
    expect(foundIn(rows.map(({ query }) => query).join('\n'), planted())).toEqual([]);
  });
});

test('a proof is in no row of the database in the clear', async () => {
  const dump = await dumpOf(parts.knex);
  expect(dump).toContain(tenant.hidden);
  expect(foundIn(dump, proofs())).toEqual([]);
});

/** Every row of every table. */
async function dumpOf(knex: Knex): Promise<string> {
  const tables = await knex('pg_tables').where({ schemaname: 'public' }).pluck<string[]>('tablename');
  const rows = await Promise.all(
    tables.map(async (table) => {
      const { rows: found } = await knex.raw<{ rows: { row: string }[] }>(
        'select cast(row_to_json(t) as text) as row from ?? t',
        [table],
      );
      return found.map(({ row }) => row);
    }),
  );
  return rows.flat().join('\n');
}
