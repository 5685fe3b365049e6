import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { toUuid, type SessionId, type TenantId, type UserId } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT } from '../../test/fixtures/chatting-tenant.ts';
import { insertColleague } from '../../test/fixtures/colleagues.ts';
import { sessionRecord } from '../../test/fixtures/session-record.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { handBack } from './hand-back.ts';
import { replyAsHuman } from './reply-as-human.ts';
import { takeOver } from './take-over.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let count = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
});
afterAll(() => database.drop());

/** A conversation in Ana's hands. */
async function arrange() {
  count += 1;
  const tenant = await buildChattingTenant(knex, `back-${count}`);
  const { sessionId } = await tenant.say('one', null);
  const ana = await insertColleague(knex, tenant.tenantId, { name: 'Ana' });
  const ref = { tenantId: tenant.tenantId, sessionId };
  await takeOver(knex, ref, { takeover: { by: ana, reason: null }, now: CHATTING_AT });
  return { ...tenant, ana, ref };
}

type Ref = { tenantId: TenantId; sessionId: SessionId };

const giveBack = (ref: Ref, by: UserId, more: { note?: string; availableMillicredits?: bigint } = {}) =>
  handBack(knex, ref, {
    handback: { by, note: more.note ?? null, availableMillicredits: more.availableMillicredits ?? 1n },
    now: CHATTING_AT,
  });

async function turnOf(turnId: `trn_${string}`) {
  const { rows } = await knex.raw<{ rows: object[] }>(
    `select turn.state, turn.message_seq, turn.answers_seq, accepted_message.client_message_id, message.kind
     from turn join accepted_message on accepted_message.turn_id = turn.id
     join message on message.id = accepted_message.message_id where turn.id = ?`,
    [toUuid(turnId)],
  );
  return rows[0];
}

describe('a hand-back', () => {
  test('answers at once what nobody answered, and tells Bob who answered the rest', async () => {
    const { ref, ana, say } = await arrange();
    await replyAsHuman(knex, ref, { reply: { by: ana, text: 'Hello' }, now: CHATTING_AT });
    await say('two', ref.sessionId);
    await say('three', ref.sessionId);
    const handed = await giveBack(ref, ana, { note: 'Order 17 is refunded.' });

    if (handed.kind !== 'set' || handed.turnId === null) throw new Error('no turn was begun');
    expect(await turnOf(handed.turnId)).toEqual({
      state: 'accepted',
      message_seq: 5,
      answers_seq: 4,
      client_message_id: 'handback 2',
      kind: 'handback',
    });
    const record = await sessionRecord(knex, ref.sessionId);
    expect(record).toMatchObject({
      owner: 'ai',
      epoch: 2,
      handoffs: ['returned ended'],
      audit: ['session.taken_over 1', 'session.handed_back 2'],
      disclosures: 2,
    });
    expect(record.said.at(-1)).toBe(
      'handback: A person (Ana) answered messages 1 to 4. You answer again from here. Note: Order 17 is refunded.',
    );
    expect(record.events.at(-1)).toBe('handoff.returned');
  });

  test('with nothing to answer begins no turn', async () => {
    const { ref, ana } = await arrange();
    await replyAsHuman(knex, ref, { reply: { by: ana, text: 'Hello' }, now: CHATTING_AT });
    expect(await giveBack(ref, ana)).toMatchObject({ kind: 'set', isChanged: true, turnId: null });
  });

  test('of what Bob has already changes nothing, and its caller learns that', async () => {
    const { ref, ana } = await arrange();
    await giveBack(ref, ana);
    expect(await giveBack(ref, ana, { availableMillicredits: 0n })).toEqual({ kind: 'already-bobs', epoch: 2 });
    expect((await sessionRecord(knex, ref.sessionId)).epoch).toBe(2);
  });

  test('of two at once is one: one line, one turn, one disclosure', async () => {
    const { ref, ana } = await arrange();
    const ben = await insertColleague(knex, ref.tenantId, { name: 'Ben' });
    const both = await Promise.all([giveBack(ref, ana), giveBack(ref, ben)]);
    expect(both.map(({ kind }) => kind).toSorted()).toEqual(['already-bobs', 'set']);
    const record = await sessionRecord(knex, ref.sessionId);
    expect(record).toMatchObject({ owner: 'ai', epoch: 2, disclosures: 2, handoffs: ['returned ended'] });
    expect(record.said.filter((each) => each.startsWith('handback'))).toHaveLength(1);
    expect(await knex('turn').where({ session_id: toUuid(ref.sessionId) })).toHaveLength(2);
  });

  test.each([
    ['no credits are left', null],
    ['the business is paused', `update tenant set status = 'suspended' where id = :tenantId`],
    ['the persona is archived', `update persona set archived_at = now() where tenant_id = :tenantId`],
    ['the persona has no live version', `update persona set live_version_id = null where tenant_id = :tenantId`],
  ])('is refused, and nothing changes, while %s', async (_why, sql) => {
    const { ref, ana } = await arrange();
    if (sql !== null) await knex.raw(sql, { tenantId: ref.tenantId });
    const handed = await giveBack(ref, ana, { availableMillicredits: sql === null ? 0n : 1n });
    expect(handed).toEqual({ kind: 'no-responder' });
    expect(await sessionRecord(knex, ref.sessionId)).toMatchObject({ owner: 'human', epoch: 1, disclosures: 1 });
  });

  test('against a takeover by a colleague leaves one of the two orders, never a mixture', async () => {
    const { ref, ana } = await arrange();
    const ben = await insertColleague(knex, ref.tenantId, { name: 'Ben' });
    const [, taken] = await Promise.all([
      giveBack(ref, ana),
      takeOver(knex, ref, { takeover: { by: ben, reason: null }, now: CHATTING_AT }),
    ]);
    const record = await sessionRecord(knex, ref.sessionId);
    expect([record.owner, record.epoch]).toEqual(taken.kind === 'set' ? ['human', 3] : ['ai', 2]);
    expect(record.audit).toHaveLength(record.epoch);
  });
});
