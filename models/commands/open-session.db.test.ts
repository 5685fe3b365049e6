import type { Knex } from 'knex';
import { afterAll, beforeAll, expect, test } from 'vitest';

import { toUuid, type SessionId } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { sessionRecord } from '../../test/fixtures/session-record.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { locateChat } from '../locate-chat.ts';
import type { NewSession } from '../new-session.ts';
import { openSession } from './open-session.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let count = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
});
afterAll(() => database.drop());

async function arrange(): Promise<{ tenant: ChattingTenant; session: NewSession }> {
  count += 1;
  const tenant = await buildChattingTenant(knex, `opened-${count}`);
  const named = { channel: 'public', clientIdHash: `visitor-${count}` } as const;
  const located = await locateChat(knex, { ...named, tenant: { tenantId: tenant.tenantId }, clientMessageId: '' });
  if (located === null) throw new Error('the tenant is missing');
  return { tenant, session: { ...named, visitorHash: null, language: 'en', persona: located.persona } };
}

/** All of the session's row but what differs by nature. */
async function rowOf(sessionId: SessionId): Promise<Record<string, unknown>> {
  const row = await knex<Record<string, unknown>>('chat_session')
    .where({ id: toUuid(sessionId) })
    .first();
  const { id: _id, client_id_hash: _hash, mac_key: key, ...rest } = row ?? {};
  return { ...rest, keyBytes: Buffer.isBuffer(key) ? key.length : 0 };
}

test('a session that was opened first and one that began with its message end up alike', async () => {
  const { tenant, session } = await arrange();
  const opened = await openSession(knex, tenant.tenantId, { session, at: CHATTING_AT });
  if (opened === null) throw new Error('the name was taken');
  expect(await sessionRecord(knex, opened.sessionId)).toMatchObject({
    said: [],
    events: ['session.created'],
    disclosures: 1,
  });
  await tenant.say('one', opened.sessionId);
  const begun = await tenant.say('one', null, 'somebody else');
  expect(await sessionRecord(knex, opened.sessionId)).toEqual(await sessionRecord(knex, begun.sessionId));
  expect(await rowOf(opened.sessionId)).toEqual(await rowOf(begun.sessionId));
});

test('of two who open it at once one does, and the other learns that it is there', async () => {
  const { tenant, session } = await arrange();
  const open = () => openSession(knex, tenant.tenantId, { session, at: CHATTING_AT });
  const opened = await Promise.all([open(), open()]);
  expect(opened.filter((one) => one !== null)).toHaveLength(1);
});
