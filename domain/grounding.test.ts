import fc from 'fast-check';
import { expect, it } from 'vitest';

import { choosePassages, type CandidateChunk, type Candidates } from './grounding.ts';

function chunk(ordinal: number, matched: readonly string[], body = 'text'): CandidateChunk {
  return { sourceId: 'src_1', revision: 1, ordinal, title: 'Plans', url: null, body, matched };
}

const PLANS: Candidates = {
  chunkCount: 10,
  lexemes: [
    { lexeme: 'plan', chunks: 6 },
    { lexeme: 'starter', chunks: 1 },
  ],
  chunks: [chunk(1, ['plan']), chunk(2, ['plan', 'starter']), chunk(3, ['starter'])],
};

it('a passage with every word of the question scores 10,000 and comes first', () => {
  const chosen = choosePassages(PLANS, 0);
  expect(chosen.map(({ ordinal }) => ordinal)).toEqual([2, 3, 1]);
  expect(chosen[0]?.score).toBe(10_000);
});

it('a rare word weighs more than one that stands everywhere', () => {
  const [, rare, common] = choosePassages(PLANS, 0).map(({ score }) => score);
  expect(rare).toBeGreaterThan((common ?? 0) * 3);
});

it('what stays below the floor is not shown to the model', () => {
  expect(choosePassages(PLANS, 5000).map(({ ordinal }) => ordinal)).toEqual([2, 3]);
  expect(choosePassages(PLANS, 10_000).map(({ ordinal }) => ordinal)).toEqual([2]);
});

it('a question without a word that means something finds nothing', () => {
  expect(choosePassages({ ...PLANS, lexemes: [] }, 1)).toEqual([]);
});

it('a word the question does not hold adds nothing to the score', () => {
  const odd = { ...PLANS, chunks: [chunk(1, ['plan', 'unasked'])] };
  expect(choosePassages(odd, 0)[0]?.score).toBe(choosePassages(PLANS, 0)[2]?.score);
});

const candidates = fc
  .record({
    lexemes: fc.uniqueArray(fc.record({ lexeme: fc.constantFrom('a', 'b', 'c', 'd'), chunks: fc.nat({ max: 30 }) }), {
      selector: ({ lexeme }) => lexeme,
    }),
    matches: fc.array(fc.record({ words: fc.subarray(['a', 'b', 'c', 'd']), length: fc.nat({ max: 4000 }) })),
  })
  .map(({ lexemes, matches }) => ({
    chunkCount: 30,
    lexemes,
    chunks: matches.map(({ words, length }, index) => chunk(index, words, 'x'.repeat(length))),
  }));

it('passages are few, short, above the floor and in falling order, whatever was found', () => {
  fc.assert(
    fc.property(candidates, fc.nat({ max: 10_000 }), (found, minScore) => {
      const chosen = choosePassages(found, minScore);
      const scores = chosen.map(({ score }) => score);
      expect(chosen.length).toBeLessThanOrEqual(6);
      expect(chosen.reduce((sum, { body }) => sum + body.length, 0)).toBeLessThanOrEqual(6000);
      expect(scores).toEqual(scores.toSorted((left, right) => right - left));
      for (const score of scores) expect(score >= minScore && score <= 10_000).toBe(true);
    }),
  );
});
