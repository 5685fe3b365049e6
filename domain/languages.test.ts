import { expect, it } from 'vitest';

import { guessLanguage, isLanguage, LANGUAGES } from './languages.ts';

const LONG = 'Quanto costa il piano Starter?';
const unsure = () => '';

function asked(acceptLanguage: string): string {
  return guessLanguage({ text: 'ok', acceptLanguage, fallback: 'nl' }, () => 'en');
}

it('a first message in one of our languages is answered in it, whatever the browser asks for', () => {
  const words = { text: LONG, acceptLanguage: 'pl', fallback: 'en' } as const;
  expect(guessLanguage(words, (text, among) => (text === LONG && among.includes('it') ? 'it' : ''))).toBe('it');
});

it('a few letters say nothing: the browser decides', () => {
  expect(asked('es')).toBe('es');
  expect(guessLanguage({ text: '12345 67890 !!!', acceptLanguage: 'pl', fallback: 'en' }, () => 'it')).toBe('pl');
});

it('a guess that is none of our languages is no guess', () => {
  expect(guessLanguage({ text: LONG, acceptLanguage: '', fallback: 'es' }, () => 'fr')).toBe('es');
  expect(guessLanguage({ text: LONG, acceptLanguage: 'it', fallback: 'es' }, unsure)).toBe('it');
});

it.each([
  ['de, it;q=0.4, pl;q=0.9', 'pl'],
  ['PL-pl', 'pl'],
  ['it ; q=0.3 , en ; q=0.7', 'en'],
  ['es;q=0, pl;q=0.001', 'pl'],
  ['it;q=1.000, es;q=0.999', 'it'],
  ['it, es', 'it'],
  ['es;level=1;q=0.2, it;q=0.3', 'it'],
  ['pl;q=nonsense, it;q=0.9', 'pl'],
])('Accept-Language %j asks for %s', (header, language) => {
  expect(asked(header)).toBe(language);
});

it.each(['', '*', 'de', 'fr, de;q=0.5', 'es;q=0', 'est', ',,;;,', 'q=1'])(
  'Accept-Language %j asks for none of ours: the tenant’s language it is',
  (header) => {
    expect(asked(header)).toBe('nl');
  },
);

it('five languages are spoken, by their two letters', () => {
  expect(LANGUAGES.every(isLanguage)).toBe(true);
  expect(['', 'EN', 'en-GB', 'fr'].some(isLanguage)).toBe(false);
});
