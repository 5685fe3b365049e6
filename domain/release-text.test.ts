import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { readGroundedText } from './citation-header.ts';
import { releaseGroundedText, releasePlainText, type ReleasedText } from './release-text.ts';

function shownOf(release: ReleasedText, pieces: readonly string[]): { running: string; whole: string } {
  const running = pieces.map((piece) => release.take(piece)).join('');
  return { running, whole: running + release.end() };
}

const piece = fc.oneof(
  fc.constantFrom('[[', ']]', '[[1]]', '[[p]]', '[[-]]', '[[none]]', '[[1, 2]]', '[[9]]', '[', ']', '\n', ' ', '  '),
  fc.constantFrom('[1]', '[7]', ' [7]', '[12', '3]', '[1234]', '7', 'word', 'https://x.y', '\ufeff', '🙂'),
  fc.string({ unit: 'grapheme', maxLength: 8 }),
);
const answer = fc
  .tuple(fc.constantFrom('', '[[p]] ', '[[1]]', ' [[1,2]]\n', '[[-]] ', '[[none]]', '[[9]]'), fc.array(piece))
  .map(([header, pieces]) => header + pieces.join(''));
const splitAnswer = fc.tuple(answer, fc.array(fc.nat({ max: 200 }), { maxLength: 12 })).map(([text, cuts]) => {
  const at = [...new Set([0, text.length, ...cuts.map((cut) => cut % (text.length + 1))])].toSorted((a, b) => a - b);
  return { text, pieces: at.slice(1).map((end, index) => text.slice(at[index], end)) };
});

describe('what is shown while the model speaks is what will be stored', () => {
  it('for every split of every answer: joined it is the text, running it is a prefix, invalid it is nothing', () => {
    fc.assert(
      fc.property(splitAnswer, fc.nat({ max: 3 }), ({ text, pieces }, passageCount) => {
        const read = readGroundedText(text, passageCount);
        const expected = read.valid && read.grounds.kind !== 'unknown' ? read.text : '';
        const shown = shownOf(releaseGroundedText(passageCount), pieces);
        expect(shown.whole).toBe(expected);
        expect(expected.startsWith(shown.running)).toBe(true);
      }),
      { numRuns: 3000 },
    );
  });

  it('character by character as well', () => {
    fc.assert(
      fc.property(answer, (text) => {
        const read = readGroundedText(text, 2);
        const shown = shownOf(releaseGroundedText(2), text.split('')).whole;
        expect(shown).toBe(read.valid && read.grounds.kind !== 'unknown' ? read.text : '');
      }),
      { numRuns: 1000 },
    );
  });

  it('without a header to read, the answer is its text', () => {
    fc.assert(
      fc.property(splitAnswer, ({ text, pieces }) => {
        expect(shownOf(releasePlainText(), pieces).whole).toBe(text.trim() === '' ? '' : text);
      }),
    );
  });
});

describe('words leave as soon as they may', () => {
  it('behind the header at once, but for the space a mark could follow', () => {
    const release = releaseGroundedText(1);
    expect(['[[', '1]', '] Up', ' to', ' three', ' [', '1', ']', ' [7', ']', '.'].map(release.take)).toEqual([
      '',
      '',
      'Up',
      ' to',
      ' three',
      '',
      '',
      ' [1]',
      '',
      '',
      '.',
    ]);
  });

  it('what is held back is never longer than an open mark, white space apart', () => {
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        const release = releaseGroundedText(2);
        let told = '[[p]]';
        let shown = release.take(told);
        for (const next of pieces) {
          told += next;
          shown += release.take(next);
          const read = readGroundedText(told, 2);
          // A bracket and three digits.
          if (read.valid) expect(read.text.slice(shown.length).trim().length).toBeLessThanOrEqual(4);
        }
      }),
    );
  });
});

it('an answer that claims nothing is shown when it is known to claim nothing', () => {
  const greeting = releaseGroundedText(0);
  expect([greeting.take('[[-]] Hel'), greeting.take('lo!'), greeting.end()]).toEqual(['', '', 'Hello!']);
  expect(shownOf(releaseGroundedText(0), ['[[-]] It costs', ' 79.']).whole).toBe('');
});

it('a header without end is read in linear time, and shown at its end where it is one', () => {
  const long = `[[${'1,'.repeat(2000)}1]] Yes.`;
  expect(shownOf(releaseGroundedText(1), long.split('')).whole).toBe('Yes.');
  expect(shownOf(releaseGroundedText(1), ' '.repeat(100_000).split('')).whole).toBe('');
});
