import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readGroundedText } from './citation-header.ts';

describe('the header of an answer tells where its words come from', () => {
  it.each([
    ['[[1,3]] Up to three [1][3].', { kind: 'passages', cited: [1, 3] }, 'Up to three [1][3].'],
    ['\n [[ 2 , 2 ]]\n\nTwice the same.', { kind: 'passages', cited: [2] }, 'Twice the same.'],
    ['[[p]] I speak for the shop.', { kind: 'persona' }, 'I speak for the shop.'],
    ['[[-]] Hello! How can I help?', { kind: 'no_claim' }, 'Hello! How can I help?'],
    ['[[none]]', { kind: 'unknown' }, ''],
    ['[[none]] I do not know.', { kind: 'unknown' }, 'I do not know.'],
  ])('%j', (answer, grounds, text) => {
    expect(readGroundedText(answer, 3)).toEqual({ valid: true, grounds, text });
  });
});

describe('an answer that does not tell is no answer', () => {
  it.each([
    ['no header at all', 'The Starter plan costs 79 USD.'],
    ['words before the header', 'Sure! [[1]] It is.'],
    ['a passage that was not given', '[[4]] It is.'],
    ['a passage number below one', '[[0]] It is.'],
    ['one good and one foreign passage', '[[1,4]] It is.'],
    ['a number beyond every number', `[[${'9'.repeat(400)}]] It is.`],
    ['a header that is none of ours', '[[maybe]] It is.'],
    ['passages without words', '[[1]]'],
    ['the persona without words', '[[p]]   '],
    ['only a mark that was not given', '[[p]] [9]'],
    ['no claim without words', '[[-]]'],
    ['no claim that names a number', '[[-]] It costs 79.'],
    ['no claim with an address', '[[-]] See https://example.com'],
    ['no claim that runs on', `[[-]] ${'so '.repeat(101)}`],
  ])('%s', (_why, answer) => {
    expect(readGroundedText(answer, 3)).toEqual({ valid: false });
  });
});

it('marks of passages that were not given vanish, the others stay', () => {
  const read = readGroundedText('[[1]] [7] First [1], then [0] more [3], never [12].', 3);
  expect(read).toMatchObject({ text: 'First [1], then more [3], never.' });
});

it('whatever a model writes, a valid answer cites given passages only, each once', () => {
  const piece = fc.constantFrom('[[', ']]', '1', '5', ',', 'p', '-', 'none', ' ', '\n', '[2]', '[6]', 'word', '7');
  fc.assert(
    fc.property(fc.array(piece, { maxLength: 14 }), fc.nat({ max: 4 }), (pieces, passageCount) => {
      const read = readGroundedText(pieces.join(''), passageCount);
      if (!read.valid) return;
      const cited = read.grounds.kind === 'passages' ? read.grounds.cited : [];
      for (const number of cited) expect(number >= 1 && number <= passageCount).toBe(true);
      expect(new Set(cited).size).toBe(cited.length);
      expect(read.text).toBe(read.text.trim());
      if (passageCount === 0) expect(cited).toEqual([]);
    }),
  );
});

it('a hostile header is read in linear time', () => {
  const startedAt = performance.now();
  expect(readGroundedText(`[[${'1 , '.repeat(50_000)}x`, 3).valid).toBe(false);
  expect(readGroundedText(`${' '.repeat(100_000)}[`, 3).valid).toBe(false);
  expect(performance.now() - startedAt).toBeLessThan(2000);
});
