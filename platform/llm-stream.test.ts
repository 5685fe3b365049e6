import { describe, expect, it } from 'vitest';

import type { LlmAnswer } from './llm-answer.ts';
import { readChunks, type Chunk } from './llm-stream.ts';

const FINISH = { finish_reason: 'stop' };

async function* stream(chunks: readonly Chunk[]): AsyncGenerator<Chunk> {
  yield* chunks;
}

function read(...chunks: Chunk[]): Promise<LlmAnswer> {
  return readChunks(stream(chunks), { onChunk: () => undefined });
}

it('an answer is its pieces in order, with the provider’s first id and the reason it ended', async () => {
  const answer = await read(
    { content: '[[p]] He', id: 'run-1' },
    { content: 'llo', id: 'run-2' },
    {
      content: '',
      response_metadata: FINISH,
    },
  );
  expect(answer).toEqual({ text: '[[p]] Hello', finishReason: 'stop', usage: null, providerRequestId: 'run-1' });
});

it('pieces that are no text add none', async () => {
  expect((await read({ content: [{ type: 'image' }] }, { content: 'a', response_metadata: FINISH })).text).toBe('a');
});

it('what no database takes is left out, and a character that came in two pieces is whole', async () => {
  const pieces = ['a\0b ', '\ud83d', '\ude42', ' \ud83d!'].map((content) => ({ content, id: 'run\0-1' }));
  const answer = await read(...pieces, { content: '', response_metadata: FINISH });
  expect(answer).toMatchObject({ text: 'ab 🙂 \ufffd!', providerRequestId: 'run-1' });
  await expect(read({ content: '\0', response_metadata: FINISH })).rejects.toMatchObject({ slug: 'model-empty' });
});

describe('a stream that just stops is a failure, whatever it said before', () => {
  it.each([
    ['model-cut', [{ content: 'half a sent' }]],
    ['model-cut', [{ content: 'half', response_metadata: { finish_reason: '' } }]],
    ['model-cut', [{ content: 'half', response_metadata: { finish_reason: null } }]],
    ['model-empty', []],
    ['model-empty', [{ content: '' }]],
    ['model-empty', [{ content: ' \n', response_metadata: FINISH }]],
    ['model-empty', [{ content: '', response_metadata: FINISH }]],
  ] as [string, Chunk[]][])('%s: %j', async (slug, chunks) => {
    await expect(read(...chunks)).rejects.toMatchObject({ name: 'LlmFailure', slug });
  });
});

it('an answer without end is cut off as malformed', async () => {
  async function* flood(): AsyncGenerator<Chunk> {
    for (let sent = 0; sent < 1000; sent += 1) yield { content: 'x'.repeat(10_000) };
  }
  const reading = readChunks(flood(), { onChunk: () => undefined });
  await expect(reading).rejects.toMatchObject({ slug: 'model-malformed' });
});

describe('usage', () => {
  const usageOf = async (usage_metadata: unknown): Promise<LlmAnswer['usage']> => {
    const last = { content: 'a', response_metadata: FINISH, usage_metadata } as Chunk;
    return (await read(last)).usage;
  };

  it('cached tokens are taken out of the input, so no token is paid twice', async () => {
    const usage = await usageOf({
      input_tokens: 1500,
      output_tokens: 300,
      input_token_details: { cache_read: 800, cache_creation: 100 },
      output_token_details: { reasoning: 64 },
    });
    expect(usage).toEqual({
      pools: { input: 600, cachedInput: 800, cacheWrite: 100, output: 300 },
      reasoningTokens: 64,
    });
  });

  it('more cached than sent never makes a negative pool', async () => {
    const usage = await usageOf({ input_tokens: 10, output_tokens: 1, input_token_details: { cache_read: 30 } });
    expect(usage?.pools).toEqual({ input: 0, cachedInput: 30, cacheWrite: 0, output: 1 });
  });

  it.each([
    ['missing', undefined],
    ['null', null],
    ['NaN', { input_tokens: Number.NaN, output_tokens: 5 }],
    ['the text "NaN"', { input_tokens: 'NaN', output_tokens: 5 }],
    ['a number in a text', { input_tokens: '12', output_tokens: 5 }],
    ['negative', { input_tokens: 5, output_tokens: -1 }],
    ['a fraction', { input_tokens: 5.5, output_tokens: 1 }],
    ['infinite', { input_tokens: Infinity, output_tokens: 1 }],
    ['without output', { input_tokens: 5 }],
    ['null inside', { input_tokens: null, output_tokens: 1 }],
    ['negative cache', { input_tokens: 5, output_tokens: 1, input_token_details: { cache_read: -3 } }],
    ['all zero', { input_tokens: 0, output_tokens: 0 }],
  ])('figures that are %s are no figures: the caller counts', async (_what, metadata) => {
    expect(await usageOf(metadata)).toBeNull();
  });

  it.each([Number.NaN, -5, 1.5, '7', 1e300])('impossible reasoning tokens (%s) are none', async (reasoning) => {
    const usage = await usageOf({ input_tokens: 5, output_tokens: 5, output_token_details: { reasoning } });
    expect(usage?.reasoningTokens).toBe(0);
  });

  it('the figures that come last stand', async () => {
    const good = { input_tokens: 5, output_tokens: 2 };
    const answer = await read(
      { content: 'a', usage_metadata: { input_tokens: 1, output_tokens: 1 } },
      { content: 'b', response_metadata: FINISH, usage_metadata: good },
    );
    expect(answer.usage?.pools).toMatchObject({ input: 5, output: 2 });
  });
});

it('every piece is a sign of life', async () => {
  let signs = 0;
  const pieces = [{ content: '' }, { content: 'a' }, { content: '', response_metadata: FINISH }];
  await readChunks(stream(pieces), { onChunk: () => (signs += 1) });
  expect(signs).toBe(3);
});
