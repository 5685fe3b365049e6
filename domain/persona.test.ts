import { expect, it } from 'vitest';

import { canonicalJson } from './canonical-json.ts';
import { LANGUAGES } from './languages.ts';
import { burstOf, defaultPersonaWords, personaSlug, snapshotOf, withWords, wordsOf } from './persona.ts';

it('every tenant is born with a persona that says for whom it speaks, in its language', () => {
  for (const language of LANGUAGES) {
    const words = defaultPersonaWords('Mill & Sons', language);
    expect(words.name).toBe('Bob');
    expect(words.description).toContain('Mill & Sons');
    expect(words.systemPrompt).toContain('AI assistant of Mill & Sons');
    expect(words.systemPrompt).toContain(`"${language}"`);
  }
});

it('the four texts of a tenant go into the snapshot as they are', () => {
  const words = { name: 'Ada', description: 'd', tone: 't', systemPrompt: '{name} $& stays' };
  expect(snapshotOf(words)).toMatchObject({
    identity: { name: 'Ada', description: 'd', tone: 't' },
    instructions: { systemPrompt: '{name} $& stays' },
    grounding: { mode: 'preferred' },
  });
});

it('a snapshot can be hashed: it holds nothing that canonical JSON refuses', () => {
  expect(() => canonicalJson(snapshotOf(defaultPersonaWords('Mill', 'en')))).not.toThrow();
});

it('what a burst makes of its messages is the path’s rule, unless the persona has its own', () => {
  const persona = snapshotOf({ name: 'Ada', description: 'Helps', tone: 'brief', systemPrompt: 'You are Ada.' });
  const channels = ['public', 'widget', 'signed_in'] as const;
  expect(channels.map((channel) => burstOf(persona, channel))).toEqual(['supersede', 'supersede', 'queue']);
  for (const burst of ['supersede', 'queue'] as const) {
    const chosen = { session: { ...persona.session, burst } };
    expect(channels.map((channel) => burstOf(chosen, channel))).toEqual([burst, burst, burst]);
  }
});

it('other words change nothing else of a snapshot', () => {
  const snapshot = { ...snapshotOf(defaultPersonaWords('Mill', 'en')), session: { historyTokens: 7, idleCloseMs: 9 } };
  const words = { name: 'Ada', description: 'Of the mill', tone: 'dry', systemPrompt: 'Be exact.' };
  const changed = withWords(snapshot, words);
  expect(wordsOf(changed)).toEqual(words);
  expect(withWords(changed, wordsOf(snapshot))).toEqual(snapshot);
});

it('a slug is made of what can stand in an address, and belongs to one persona', () => {
  expect(personaSlug('Zażółć Gęśla!', new Set())).toBe('zazo-c-gesla');
  expect(personaSlug('ボブ', new Set())).toBe('persona');
  expect(personaSlug('Bob', new Set(['bob', 'bob-2']))).toBe('bob-3');
  expect(personaSlug(`${'a'.repeat(59)} b`, new Set())).toBe('a'.repeat(59));
});
