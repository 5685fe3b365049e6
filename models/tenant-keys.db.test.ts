import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { toId, type TenantId } from '#domain/ids.ts';
import { sqlStateOf } from '#platform/database.ts';
import { newId } from '#platform/new-id.ts';

import { buildChattingTenant, CHATTING_AT } from '../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../test/setup/fresh-database.ts';
import { insertApiKey } from './api-key.ts';

let database: FreshDatabase;
let knex: Knex;

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
});
afterAll(() => database.drop());

/** The first exception: what finds the tenant is unique by itself. */
const FINDS_THE_TENANT = [
  'api_key_secret_hash_key',
  'app_user_realm_email_key',
  'auth_session_token_hash_key',
  'invite_token_hash_key',
  'password_reset_token_hash_key',
  'widget_key_key',
];
/** The second one: no foreign key to a row that every turn of a tenant writes, since each insert would lock it. */
const HOT_TABLES = ['credit_grant', 'ledger_head'];

const TENANT_TABLES = `
  select c.oid, c.relname from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  where c.relkind in ('r', 'p')`;

interface ForeignKey {
  name: string;
  child: string;
  parent: string;
  own: string[];
  other: string[];
}

function columnsOf(numbers: string, relation: string): string {
  return `array(select cast(a.attname as text) from unnest(${numbers}) with ordinality as part (attnum, place)
    join pg_attribute a on a.attrelid = ${relation} and a.attnum = part.attnum order by part.place)`;
}

async function foreignKeys(): Promise<ForeignKey[]> {
  const { rows } = await knex.raw<{ rows: ForeignKey[] }>(`
    select k.conname as name, child.relname as child, cast(k.confrelid as regclass)::text as parent,
      ${columnsOf('k.conkey', 'k.conrelid')} as own, ${columnsOf('k.confkey', 'k.confrelid')} as other
    from pg_constraint k join (${TENANT_TABLES}) child on child.oid = k.conrelid
    where k.contype = 'f' order by child.relname, k.conname`);
  return rows;
}

async function tenantTables(): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { relname: string }[] }>(`${TENANT_TABLES} order by c.relname`);
  return rows.map(({ relname }) => relname);
}

describe('keys of what belongs to a tenant', () => {
  test('primary and unique keys begin with the tenant, but for what finds it', async () => {
    const { rows } = await knex.raw<{ rows: { name: string; first: string; isprimary: boolean }[] }>(`
      select i.indexrelid::regclass::text as name, a.attname as first, i.indisprimary as isprimary
      from pg_index i join (${TENANT_TABLES}) t on t.oid = i.indrelid
      left join pg_attribute a on a.attrelid = i.indrelid and a.attnum = i.indkey[0]
      where i.indisunique order by 1`);
    const others = rows.filter(({ first }) => first !== 'tenant_id').map(({ name }) => name);
    expect(others).toEqual(FINDS_THE_TENANT);
    expect(rows.filter(({ isprimary }) => isprimary)).toHaveLength((await tenantTables()).length);
  });

  test('foreign keys carry the tenant on both sides', async () => {
    const tables = new Set(await tenantTables());
    const keys = await foreignKeys();
    expect(keys.length).toBeGreaterThan(20);
    for (const { name, parent, own, other } of keys) {
      if (parent === 'tenant') expect([name, own, other]).toEqual([name, ['tenant_id'], ['id']]);
      else if (tables.has(parent)) expect([name, own[0], other[0]]).toEqual([name, 'tenant_id', 'tenant_id']);
      else expect([name, own]).not.toContain('tenant_id');
    }
  });

  test('no foreign key points at a row that every turn writes', async () => {
    expect((await foreignKeys()).filter(({ parent }) => HOT_TABLES.includes(parent))).toEqual([]);
  });
});

/** Refused by the key itself, or because such rows never change at all. */
const REFUSED = new Set(['23503', 'BC002', 'BC003']);

test('on a raw connection no row can be pointed at another tenant’s', async () => {
  const [mine, theirs] = [await buildChattingTenant(knex, 'mine'), await buildChattingTenant(knex, 'theirs')];
  for (const { tenantId, say } of [mine, theirs]) {
    await say('Hello', null);
    await addKey(tenantId);
  }
  const tables = new Set(await tenantTables());
  const probed: string[] = [];
  for (const key of (await foreignKeys()).filter(({ parent }) => tables.has(parent) && parent !== 'subscription')) {
    const state = await pointAcross(key, { from: mine.tenantId, to: theirs.tenantId });
    if (state === 'no row') continue;
    expect([key.name, REFUSED.has(state)]).toEqual([key.name, true]);
    probed.push(key.child);
  }
  const filled = [
    'accepted_message',
    'api_key',
    'chat_session',
    'disclosure_shown',
    'message',
    'persona_version',
    'turn',
  ];
  expect(probed).toEqual(expect.arrayContaining(filled));
});

async function addKey(tenantId: TenantId): Promise<void> {
  const [createdBy] = await knex('app_user').where({ tenant_id: tenantId }).pluck<string[]>('id');
  if (createdBy === undefined) throw new Error('the tenant has no user');
  const key = { name: 'x', secretHash: tenantId, hint: 'xxxx', scopes: [], createdBy: toId('usr', createdBy) };
  await insertApiKey(knex, tenantId, { ...key, id: newId('key'), at: CHATTING_AT });
}

/** Tries to point one row of a tenant at another tenant's, and puts everything back. */
async function pointAcross(key: ForeignKey, { from, to }: { from: string; to: string }): Promise<string> {
  const pairs = key.own.map((own, place) => ({ own, other: key.other[place] ?? own })).slice(1);
  const set = pairs.map(({ own, other }) => `${own} = theirs.${other}`).join(', ');
  const given = pairs.map(({ own }) => `c.${own} is not null`).join(' and ');
  const trx = await knex.transaction();
  try {
    await trx.raw('set constraints all immediate');
    const { rowCount } = await trx.raw<{ rowCount: number }>(
      `update ${key.child} set ${set} from (select * from ${key.parent} where tenant_id = :to limit 1) as theirs
       where ${key.child}.ctid = (select c.ctid from ${key.child} c where c.tenant_id = :from and ${given} limit 1)`,
      { from, to },
    );
    return rowCount === 0 ? 'no row' : 'was changed';
  } catch (error) {
    return sqlStateOf(error) ?? String(error);
  } finally {
    await trx.rollback();
  }
}
