import { expect, test } from 'vitest';
import { splitSentences } from './split-sentences.ts';

test('prices and numbers do not end a sentence', () => {
  expect(splitSentences('It costs 2.50 USD. Ask us!')).toEqual(['It costs 2.50 USD.', 'Ask us!']);
});

test('a wrapped line goes on, headings and list items stand alone', () => {
  expect(splitSentences('# Plans\nThe Pro plan\ncosts more.\n- ten seats\n\n- two more')).toEqual([
    'Plans',
    'The Pro plan costs more.',
    'ten seats',
    'two more',
  ]);
});

test('each cell of a table becomes a line that names its row and column', () => {
  const table =
    'Our plans\n| Plan | Starter | Pro |\n|---|---|---|\n| Price (USD/month) | $79 | $249 |\nAll with support.';
  expect(splitSentences(table)).toEqual([
    'Our plans',
    'Starter: Price (USD/month) $79',
    'Pro: Price (USD/month) $249',
    'All with support.',
  ]);
});

test('an endless sentence is cut between words', () => {
  const [sentence = ''] = splitSentences('word '.repeat(200));
  expect(sentence.length).toBeLessThanOrEqual(401);
  expect(sentence.endsWith('word…')).toBe(true);
});
