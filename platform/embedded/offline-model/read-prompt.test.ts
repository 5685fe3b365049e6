import { expect, test } from 'vitest';
import { readPrompt } from './read-prompt.ts';

const RULE = 'Begin your answer with one header line: [[1,3]], [[p]], [[-]] or [[none]].';

test('persona, header rule and passages are told apart', () => {
  const prompt = readPrompt(
    `You are Bob.\n\nBe kind.\n\n${RULE}\n\nPassages:\n[1] Plans: The Pro plan.\nSecond line.\n\n[2] Returns: 30 days.`,
  );
  expect(prompt).toEqual({
    persona: 'You are Bob.\n\nBe kind.',
    wantsHeader: true,
    passages: [
      { number: 1, title: 'Plans', text: 'The Pro plan.\nSecond line.' },
      { number: 2, title: 'Returns', text: '30 days.' },
    ],
  });
});

test('a prompt without the rule wants no header', () => {
  expect(readPrompt('You are Bob.')).toEqual({ persona: 'You are Bob.', wantsHeader: false, passages: [] });
});

test('a passage without a title keeps its text', () => {
  expect(readPrompt('Passages:\n[4] Only words').passages).toEqual([{ number: 4, title: '', text: 'Only words' }]);
});

test('words about passages inside the persona are not passages', () => {
  expect(readPrompt('Passages: are quoted.\n[1] a: b').passages).toEqual([]);
});
