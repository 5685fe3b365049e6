import { parentPort } from 'node:worker_threads';

import { countTokens } from 'gpt-tokenizer/encoding/o200k_base';

export interface TokenCountAsked {
  id: number;
  text: string;
}

export interface TokenCount {
  id: number;
  tokens: number;
}

const SLICE_LENGTH = 1000;

/** Slices bound the tokenizer's time on hostile input, and its special tokens are ordinary text here. */
function tokensOf(text: string): number {
  let tokens = 0;
  for (let from = 0; from < text.length; from += SLICE_LENGTH) {
    tokens += countTokens(text.slice(from, from + SLICE_LENGTH), { disallowedSpecial: new Set() });
  }
  return tokens;
}

parentPort?.on('message', ({ id, text }: TokenCountAsked) => {
  parentPort?.postMessage({ id, tokens: tokensOf(text) } satisfies TokenCount, []);
});
