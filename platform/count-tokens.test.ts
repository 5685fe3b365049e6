import { expect, test } from 'vitest';

import { countTokens } from './count-tokens.ts';

// The first one of this process, so that the tables are not there yet.
test('the process goes on while the tables are loaded', async () => {
  let turns = 0;
  const beside = setInterval(() => (turns += 1), 1);
  await countTokens('hello');
  clearInterval(beside);
  expect(turns).toBeGreaterThan(0);
});

test('words, nothing and hostile lengths are counted, several at once', async () => {
  const texts = ['hello world', '', 'a'.repeat(2000), '<|endoftext|>'];
  const [hello, nothing, long, special] = await Promise.all(texts.map(countTokens));
  expect([hello, nothing, long]).toEqual([2, 0, 250]);
  // No more than the text it is here.
  expect(special).toBeGreaterThan(1);
});
