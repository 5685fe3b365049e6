const SLICE_LENGTH = 1000;

/**
 * Tokens of a text, for an answer whose usage was never sent. Slices bound the tokenizer's time on hostile input, and
 * its special tokens are ordinary text here. Loaded with the first use: its tables are large.
 */
export async function countTokens(text: string): Promise<number> {
  const { countTokens: count } = await import('gpt-tokenizer/encoding/o200k_base');
  let tokens = 0;
  for (let from = 0; from < text.length; from += SLICE_LENGTH) {
    tokens += count(text.slice(from, from + SLICE_LENGTH), { disallowedSpecial: new Set() });
  }
  return tokens;
}
