import type { SourceId } from './ids.ts';

/** A chunk of a source with the question's lexemes it holds. */
export interface CandidateChunk {
  sourceId: SourceId;
  revision: number;
  ordinal: number;
  title: string;
  url: string | null;
  body: string;
  matched: readonly string[];
}

export interface ScoredChunk extends CandidateChunk {
  /** 0 to 10,000: the share of the question's meaning-bearing words that the chunk holds, rare words counting more. */
  score: number;
}

export interface Candidates {
  chunkCount: number;
  /** Each lexeme of the question with the number of chunks that hold it. */
  lexemes: readonly { lexeme: string; chunks: number }[];
  chunks: readonly CandidateChunk[];
}

const PASSAGE_MAX = 6;
const PASSAGES_CHARACTER_MAX = 6000;

/** Inverse document frequency as BM25 smooths it (Robertson and Zaragoza 2009, equation 3.3), never below zero. */
function inverseFrequency(chunkCount: number, holding: number): number {
  return Math.log(1 + (chunkCount - holding + 0.5) / (holding + 0.5));
}

/** The passages worth showing to the model: best first, above the floor, within the prompt's bounds. */
export function choosePassages({ chunkCount, lexemes, chunks }: Candidates, minScore: number): ScoredChunk[] {
  const weights = new Map(
    lexemes.map(({ lexeme, chunks: holding }) => [lexeme, inverseFrequency(chunkCount, holding)]),
  );
  const total = [...weights.values()].reduce((sum, weight) => sum + weight, 0);
  const scored = chunks.map((chunk) => ({ ...chunk, score: scoreOf(chunk, weights, total) }));
  const kept = scored.filter(({ score }) => score >= minScore).toSorted((left, right) => right.score - left.score);
  return withinBounds(kept);
}

function scoreOf(chunk: CandidateChunk, weights: ReadonlyMap<string, number>, total: number): number {
  if (total === 0) return 0;
  const held = chunk.matched.reduce((sum, lexeme) => sum + (weights.get(lexeme) ?? 0), 0);
  return Math.round((held / total) * 10_000);
}

function withinBounds(chunks: readonly ScoredChunk[]): ScoredChunk[] {
  let characters = 0;
  return chunks.slice(0, PASSAGE_MAX).filter((chunk) => {
    characters += chunk.body.length;
    return characters <= PASSAGES_CHARACTER_MAX;
  });
}
