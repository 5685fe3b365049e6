import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { PersonaDiff, WholePersonaVersion } from '#contract/personas.ts';
import { canonicalJson, type CanonicalValue } from '#domain/canonical-json.ts';
import { toUuid } from '#domain/ids.ts';
import { emit } from '#models/outbox/emit.ts';
import { systemClock } from '#platform/clock.ts';
import { sha256Hex } from '#platform/digest.ts';
import { newId } from '#platform/new-id.ts';

import { problemOf, signInUser, type SignedInCaller } from '../../test/fixtures/signed-in-caller.ts';
import { startTestApi, type TestApi } from '../../test/fixtures/start-test-api.ts';
import type { NewUser } from '../../test/fixtures/tenant-user.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';

import {
  auditOf,
  createPersona,
  editPersona,
  PERSONAS,
  publishedPersona,
  publishPersona,
  readPersona,
} from '../../test/fixtures/persona-desk.ts';

let database: FreshDatabase;
let knex: Knex;
let api: TestApi;

beforeAll(async () => {
  database = await freshDatabase();
  knex = database.knex;
  api = await startTestApi(knex);
});
afterAll(async () => {
  await api.close();
  await database.drop();
});

function signIn(who: NewUser = {}): Promise<SignedInCaller> {
  return signInUser({ url: api.url, knex }, who);
}

describe('publishing', () => {
  test('numbers are given without a gap, and the version before retires', async () => {
    const { call, tenantId } = await signIn();
    const { id, live, draft } = await publishedPersona(call, 3);
    expect([live?.version, draft]).toEqual([3, null]);
    const list = (await (await call('GET', `${PERSONAS}/${id}/versions`)).json()) as { data: unknown[] };
    expect(list.data).toMatchObject([
      { number: 3, state: 'published', parent: 2, source: 'edit', changelog: 'Because' },
      { number: 2, state: 'retired', parent: 1 },
      { number: 1, state: 'retired', parent: null },
    ]);
    const events = await knex('webhook_event').where({ tenant_id: tenantId }).orderBy('no').pluck('body');
    expect(events.map((body: string) => JSON.parse(body) as object)).toMatchObject([
      { type: 'persona.version_published', session_id: null, data: { from: null, to: 1 } },
      { data: { from: 1, to: 2 } },
      { data: { from: 2, to: 3, content_hash: live?.content_hash } },
    ]);
  });

  test('without a draft it is refused, and unseen content is not published', async () => {
    const { call } = await signIn();
    const { id, content_hash: seen } = await publishedPersona(call, 1);
    const again = await call('POST', `${PERSONAS}/${id}/publish`, { changelog: 'Again' });
    expect(await problemOf(again)).toBe('409 no-draft');
    await editPersona(call, id, { tone: 'warm' });
    const path = `${PERSONAS}/${id}/publish`;
    const unseen = await call('POST', path, { changelog: 'Unseen' }, { 'If-Match': `"${seen}"` });
    expect(await problemOf(unseen)).toBe('412 stale-draft');
  });

  test('of ten who publish one draft at once, one did', async () => {
    const { call, tenantId } = await signIn();
    const { id } = await createPersona(call);
    const answers = await Promise.all(
      Array.from({ length: 10 }, () => call('POST', `${PERSONAS}/${id}/publish`, { changelog: 'Race' })),
    );
    expect(answers.filter(({ status }) => status === 201)).toHaveLength(1);
    expect(answers.filter(({ status }) => status === 409)).toHaveLength(9);
    expect((await auditOf(knex, tenantId)).filter(({ action }) => action === 'persona.published')).toHaveLength(1);
  });

  test('editors and publishers at once leave numbers without a gap', async () => {
    const { call } = await signIn();
    const { id } = await createPersona(call);
    const work = Array.from({ length: 12 }, async (_, n) => {
      await call('PATCH', `${PERSONAS}/${id}`, { systemPrompt: `Words ${n}` });
      return call('POST', `${PERSONAS}/${id}/publish`, { changelog: `Change ${n}` });
    });
    const statuses = (await Promise.all(work)).map(({ status }) => status);
    expect(statuses.every((status) => status === 201 || status === 409)).toBe(true);
    const numbers = await knex('persona_version')
      .where({ persona_id: toUuid(id) })
      .whereNotNull('number')
      .orderBy('number')
      .pluck('number');
    expect(numbers).toEqual(numbers.map((_: number, index: number) => index + 1));
    expect(numbers).toHaveLength(statuses.filter((status) => status === 201).length);
  });

  test('a publication whose event cannot be told did not happen: no number, no audit row', async () => {
    const { call, tenantId } = await signIn();
    const { id } = await createPersona(call);
    const taken = { type: 'endpoint.tested', dedupeKey: `persona/${id}/version/1` } as const;
    const data = { endpoint_id: newId('whk'), requested_by: 'a test' };
    const at = systemClock.now();
    await knex.transaction((trx) => emit(trx, { tenantId, sessionId: null, at, events: [{ ...taken, data }] }));
    expect((await call('POST', `${PERSONAS}/${id}/publish`, { changelog: 'x' })).status).toBe(500);
    expect((await auditOf(knex, tenantId)).map(({ action }) => action)).toEqual(['persona.created']);
    expect(await readPersona(call, id)).toMatchObject({ live: null, draft: { based_on: null } });
  });

  test('only who may override says that a version goes live in spite of something', async () => {
    const owner = await signIn();
    const admin = await signIn({ role: 'admin', of: owner.tenantId });
    const { id } = await createPersona(admin.call);
    const wish = { changelog: 'x', override_reason: 'Agreed on the phone with everybody' };
    const refused = await admin.call('POST', `${PERSONAS}/${id}/publish`, wish);
    expect(refused.status).toBe(403);
    expect(await refused.json()).toMatchObject({ permission: 'persona.publish_override' });
    expect((await owner.call('POST', `${PERSONAS}/${id}/publish`, wish)).status).toBe(201);
    const [published] = await knex('audit_event').where({ tenant_id: owner.tenantId, action: 'persona.published' });
    expect(published).toMatchObject({ reason: wish.override_reason });
  });

  test('each change leaves one audit row with the hashes before and after; a refused one leaves none', async () => {
    const { call, tenantId } = await signIn();
    const { id, content_hash: first } = await createPersona(call);
    await publishPersona(call, id);
    const { content_hash: second } = await editPersona(call, id, { tone: 'warm' });
    await call('POST', `${PERSONAS}/${id}/publish`, { changelog: '' });
    await call('POST', `${PERSONAS}/${id}/publish`, { changelog: 'Warm', override_reason: 'Agreed with the owner' });
    await call('POST', `${PERSONAS}/${id}/versions/1/restore`);
    await call('POST', `${PERSONAS}/${id}/default`);
    await call('POST', `${PERSONAS}/${id}/default`);
    await call('DELETE', `${PERSONAS}/${id}`);
    expect(await auditOf(knex, tenantId)).toEqual([
      { action: 'persona.created', before: null, after: { slug: 'ada', content_hash: first } },
      { action: 'persona.published', before: null, after: { number: 1, content_hash: first } },
      { action: 'persona.draft_saved', before: { content_hash: first }, after: { content_hash: second } },
      {
        action: 'persona.published',
        before: { number: 1, content_hash: first },
        after: { number: 2, content_hash: second },
      },
      {
        action: 'persona.restored',
        before: { number: 2, content_hash: second },
        after: { number: 3, content_hash: first, restored_from: 1 },
      },
      { action: 'persona.default_set', before: null, after: { default: id, number: 3, content_hash: first } },
    ]);
  });
});

describe('versions', () => {
  test('a version shows its snapshot whole, and anybody can compute its hash', async () => {
    const { call } = await signIn();
    const { id } = await publishedPersona(call, 1);
    const version = WholePersonaVersion.parse(await (await call('GET', `${PERSONAS}/${id}/versions/1`)).json());
    expect(sha256Hex(canonicalJson(version.snapshot as CanonicalValue))).toBe(version.content_hash);
    expect(version.snapshot).toMatchObject({ instructions: { systemPrompt: 'Version 1' }, model: { id: 'default' } });
  });

  test('two versions differ where their snapshots do', async () => {
    const { call } = await signIn();
    const { id } = await publishedPersona(call, 2);
    const diff = PersonaDiff.parse(await (await call('GET', `${PERSONAS}/${id}/versions/1/diff/2`)).json());
    expect(diff).toEqual({
      from: 1,
      to: 2,
      changes: [{ op: 'replace', pointer: '/instructions/systemPrompt', before: 'Version 1', after: 'Version 2' }],
    });
    expect(await problemOf(await call('GET', `${PERSONAS}/${id}/versions/1/diff/9`))).toBe('404 not-found');
  });

  test('a restore is a new number with the old content, and leaves the draft alone', async () => {
    const { call } = await signIn();
    const { id } = await publishedPersona(call, 2);
    const draft = await editPersona(call, id, { tone: 'half written' });
    const answer = await call('POST', `${PERSONAS}/${id}/versions/1/restore`);
    expect(answer.status).toBe(201);
    expect(await answer.json()).toMatchObject({ number: 3, source: 'restore', parent: 1, state: 'published' });
    const after = await readPersona(call, id);
    expect([after.tone, after.draft, after.live?.version]).toEqual(['half written', draft.draft, 3]);
    expect(await problemOf(await call('POST', `${PERSONAS}/${id}/versions/3/restore`))).toBe('409 conflict');
    expect(await problemOf(await call('POST', `${PERSONAS}/${id}/versions/9/restore`))).toBe('404 not-found');
  });

  test('what was published cannot be changed behind the API', async () => {
    const { call } = await signIn();
    const { id } = await publishedPersona(call, 1);
    const row = knex('persona_version').where({ persona_id: toUuid(id) });
    await expect(row.clone().update({ snapshot: '{}' })).rejects.toThrow('cannot change');
    await expect(row.clone().delete()).rejects.toThrow('cannot be deleted');
  });
});
