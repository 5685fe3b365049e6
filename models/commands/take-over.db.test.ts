import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import type { UserId } from '#domain/ids.ts';

import { buildChattingTenant, CHATTING_AT, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { insertColleague } from '../../test/fixtures/colleagues.ts';
import { releaseText, sessionRecord } from '../../test/fixtures/session-record.ts';
import { freshDatabase } from '../../test/setup/fresh-database.ts';
import { assignSession } from './assign-session.ts';
import { closeSession } from './close-session.ts';
import { replyAsHuman } from './reply-as-human.ts';
import { takeOver } from './take-over.ts';
import { writeNote } from './write-note.ts';

let database: Awaited<ReturnType<typeof freshDatabase>>;
let knex: Knex;
let count = 0;
beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
});
afterAll(() => database.drop());

interface Scene extends ChattingTenant {
  ana: UserId;
  ben: UserId;
  ref: { tenantId: ChattingTenant['tenantId']; sessionId: `ses_${string}` };
  turnId: `trn_${string}`;
}

/** A conversation with one message in it, and two people who may take it over. */
async function arrange(): Promise<Scene> {
  count += 1;
  const tenant = await buildChattingTenant(knex, `owner-${count}`);
  const { sessionId, turnId } = await tenant.say('one', null);
  const ana = await insertColleague(knex, tenant.tenantId, { name: 'Ana' });
  const ben = await insertColleague(knex, tenant.tenantId, { name: 'Ben' });
  return { ...tenant, ana, ben, ref: { tenantId: tenant.tenantId, sessionId }, turnId };
}

const take = (ref: Scene['ref'], by: UserId) =>
  takeOver(knex, ref, { takeover: { by, reason: 'angry' }, now: CHATTING_AT });

describe('a takeover', () => {
  test('is on record whole: owner, epoch, hand-off, audit and event', async () => {
    const { ref, ana } = await arrange();
    expect(await take(ref, ana)).toMatchObject({
      kind: 'set',
      isChanged: true,
      owner: { owner: 'human', userId: ana, epoch: 1 },
      at: CHATTING_AT,
    });
    expect(await sessionRecord(knex, ref.sessionId)).toMatchObject({
      owner: 'human',
      epoch: 1,
      handoffs: ['taken_over'],
      audit: ['session.taken_over 1'],
      events: ['session.created', 'message.received', 'handoff.taken_over'],
    });
  });

  test('keeps what the visitor has seen of the running answer, of the newest try, as a cut message', async () => {
    const { ref, ana, turnId } = await arrange();
    await releaseText(knex, turnId, [
      ['Old ', 'try'],
      ['The Pro ', 'plan '],
    ]);
    await take(ref, ana);
    const record = await sessionRecord(knex, ref.sessionId);
    expect(record.said).toEqual(['visitor: one', 'ai: The Pro plan  -']);
    expect(record.events).toEqual(['session.created', 'message.received', 'message.sent', 'handoff.taken_over']);
  });

  test('of two at once one wins, and the other learns whose it is', async () => {
    const { ref, ana, ben } = await arrange();
    const both = await Promise.all([take(ref, ana), take(ref, ben)]);
    const won = both.find((one) => one.kind === 'set');
    const lost = both.find((one) => one.kind === 'already-owned');
    expect(lost?.by.userId).toBe(won?.owner.userId);
    expect(lost?.by.name).toBe(won?.owner.userId === ana ? 'Ana' : 'Ben');
    expect((await sessionRecord(knex, ref.sessionId)).epoch).toBe(1);
  });

  test('asked for again by the same person changes nothing', async () => {
    const { ref, ana } = await arrange();
    const [first, again] = [await take(ref, ana), await take(ref, ana)];
    expect(again).toMatchObject({ kind: 'set', isChanged: false, endpointIds: [], at: CHATTING_AT });
    expect(first).toMatchObject({ owner: { epoch: 1 } });
    expect((await sessionRecord(knex, ref.sessionId)).audit).toHaveLength(1);
  });

  test("of another tenant's session finds nothing", async () => {
    const [mine, theirs] = [await arrange(), await arrange()];
    const foreign = { tenantId: mine.tenantId, sessionId: theirs.ref.sessionId };
    expect(await take(foreign, mine.ana)).toEqual({ kind: 'missing' });
  });

  test('is not earlier than the last message, whatever the clock says', async () => {
    const { ref, ana } = await arrange();
    const early = new Date(CHATTING_AT.getTime() - 5000);
    expect(await takeOver(knex, ref, { takeover: { by: ana, reason: null }, now: early })).toMatchObject({
      at: CHATTING_AT,
    });
  });
});

describe('what a person writes', () => {
  test('takes over where nobody has, and comes after what Bob had shown', async () => {
    const { ref, ana, turnId } = await arrange();
    await releaseText(knex, turnId, [['The Pro']]);
    const written = await replyAsHuman(knex, ref, { reply: { by: ana, text: 'Hello, Ana here.' }, now: CHATTING_AT });
    expect(written).toMatchObject({ kind: 'written', seq: 3, isTakeover: true });
    expect((await sessionRecord(knex, ref.sessionId)).said).toEqual([
      'visitor: one',
      'ai: The Pro -',
      'human: Hello, Ana here.',
    ]);
  });

  test('is refused while a colleague is in charge', async () => {
    const { ref, ana, ben } = await arrange();
    await take(ref, ben);
    const written = await replyAsHuman(knex, ref, { reply: { by: ana, text: 'Me too' }, now: CHATTING_AT });
    expect(written).toEqual({ kind: 'already-owned', by: { userId: ben, name: 'Ben' }, epoch: 1 });
    expect((await sessionRecord(knex, ref.sessionId)).said).toEqual(['visitor: one']);
  });

  test('has its place among messages that arrive meanwhile, without a gap', async () => {
    const { ref, ana, say } = await arrange();
    const replies = ['a', 'b', 'c', 'd'].map((text) =>
      replyAsHuman(knex, ref, { reply: { by: ana, text }, now: CHATTING_AT }),
    );
    const messages = ['two', 'three', 'four'].map((text) => say(text, ref.sessionId));
    await Promise.all([...replies, ...messages]);
    const record = await sessionRecord(knex, ref.sessionId);
    expect(record.seqs).toEqual([1, 2, 3, 4, 5, 6, 7, 8]);
    expect(record.events.filter((type) => type === 'message.sent')).toHaveLength(4);
  });

  test('as a note is told to nobody and changes no owner', async () => {
    const { ref, ana } = await arrange();
    const note = { by: ana, text: 'a regular' };
    expect(await writeNote(knex, ref, { note, now: CHATTING_AT })).toMatchObject({ kind: 'written', seq: 2 });
    expect(await sessionRecord(knex, ref.sessionId)).toMatchObject({
      owner: 'ai',
      epoch: 0,
      said: ['visitor: one', 'note: a regular'],
      events: ['session.created', 'message.received'],
    });
  });
});

describe('assigning', () => {
  const assign = (ref: Scene['ref'], by: UserId, to: UserId) =>
    assignSession(knex, ref, { assignment: { to, by }, now: CHATTING_AT });

  test("takes a conversation out of a colleague's hands, in the same hand-off", async () => {
    const { ref, ana, ben } = await arrange();
    await take(ref, ana);
    expect(await assign(ref, ana, ben)).toMatchObject({ kind: 'set', owner: { userId: ben, epoch: 2 } });
    expect(await sessionRecord(knex, ref.sessionId)).toMatchObject({
      handoffs: ['assigned'],
      audit: ['session.taken_over 1', 'session.assigned 2'],
    });
    expect(await assign(ref, ana, ben)).toMatchObject({ kind: 'set', isChanged: false });
  });

  test('takes only people of this tenant whose role may supervise', async () => {
    const { ref, ana, tenantId } = await arrange();
    const viewer = await insertColleague(knex, tenantId, { name: 'Vera', role: 'viewer' });
    const stranger = (await arrange()).ana;
    expect(await assign(ref, ana, viewer)).toEqual({ kind: 'may-not-supervise' });
    expect(await assign(ref, ana, stranger)).toEqual({ kind: 'no-such-user' });
    expect((await sessionRecord(knex, ref.sessionId)).epoch).toBe(0);
  });
});

describe('closing', () => {
  const close = (ref: Scene['ref'], by: UserId) =>
    closeSession(knex, ref, { closing: { by, reason: 'resolved' }, now: CHATTING_AT });

  test('raises the epoch, so that a running turn is withheld, and keeps what it had shown', async () => {
    const { ref, ana, turnId } = await arrange();
    await releaseText(knex, turnId, [['Just a']]);
    expect(await close(ref, ana)).toMatchObject({ kind: 'set', owner: { state: 'closed', epoch: 1 } });
    expect(await sessionRecord(knex, ref.sessionId)).toMatchObject({
      state: 'closed',
      said: ['visitor: one', 'ai: Just a -'],
      audit: ['session.closed 1'],
      events: ['session.created', 'message.received', 'message.sent', 'session.closed'],
    });
  });

  test('ends the open hand-off; done twice it is done once, and nothing can follow', async () => {
    const { ref, ana, ben } = await arrange();
    await take(ref, ana);
    await close(ref, ana);
    expect(await close(ref, ben)).toMatchObject({ kind: 'set', isChanged: false });
    expect(await take(ref, ben)).toEqual({ kind: 'closed' });
    const note = { by: ben, text: 'late' };
    expect(await writeNote(knex, ref, { note, now: CHATTING_AT })).toEqual({ kind: 'closed' });
    expect((await sessionRecord(knex, ref.sessionId)).handoffs).toEqual(['taken_over ended']);
  });
});
