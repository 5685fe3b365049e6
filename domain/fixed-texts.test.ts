import { expect, it } from 'vitest';

import { fixedText, type FixedTextKey } from './fixed-texts.ts';
import { LANGUAGES } from './languages.ts';

const KEYS: readonly FixedTextKey[] = ['disclosure', 'refused', 'failed', 'credit_stopped', 'paused'];

it.each(KEYS)('%s is said in five languages, each in its own words', (key) => {
  const texts = LANGUAGES.map((language) => fixedText(key, { language, name: 'Bob' }));
  expect(new Set(texts).size).toBe(5);
  for (const text of texts) expect(text).not.toMatch(/[{}]/);
});

it('the disclosure names the persona and says that it is an AI, in every language', () => {
  for (const language of LANGUAGES) {
    expect(fixedText('disclosure', { language, name: 'Ada' })).toMatch(/\bAda\b.*\b(AI|IA)\b/);
  }
});

it.each(['$&', '$1', '$$', "$'", '{name}'])('a persona named %j is called just that', (name) => {
  const text = fixedText('disclosure', { language: 'en', name });
  expect(text).toBe(`You are chatting with ${name}, an AI assistant. You can ask for a person at any time.`);
});
