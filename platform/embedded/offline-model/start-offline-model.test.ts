import type { AIMessageChunk } from '@langchain/core/messages';
import { ChatOpenAI } from '@langchain/openai';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type OfflineModel, startOfflineModel } from './start-offline-model.ts';

const QUESTION = [
  ['system', 'You are Bob.\n\nPassages:\n[1] Plans: The Pro plan costs 249 USD per month.'],
  ['user', 'What does the Pro plan cost?'],
] as [string, string][];

let offline: OfflineModel;
beforeAll(async () => {
  offline = await startOfflineModel();
});
afterAll(() => offline.stop());

function chat(): ChatOpenAI {
  return new ChatOpenAI({
    model: 'bob-offline',
    apiKey: 'offline',
    maxRetries: 0,
    configuration: { baseURL: offline.url },
  });
}

async function post(body: string): Promise<{ status: number; body: unknown }> {
  const response = await fetch(`${offline.url}/chat/completions`, { method: 'POST', body });
  return { status: response.status, body: await response.json() };
}

test('an OpenAI client gets the answer and its usage', async () => {
  const answer = await chat().invoke(QUESTION);
  expect(answer.text).toBe('The Pro plan costs 249 USD per month. [1]');
  expect(answer.usage_metadata).toMatchObject({ input_tokens: 26, output_tokens: 11 });
});

test('an OpenAI client gets the same answer as a stream that ends with a reason and the usage', async () => {
  const chunks: AIMessageChunk[] = [];
  for await (const chunk of await chat().stream(QUESTION)) chunks.push(chunk);
  expect(chunks.map((chunk) => chunk.text).join('')).toBe('The Pro plan costs 249 USD per month. [1]');
  expect(chunks.length).toBeGreaterThan(5);
  expect(chunks.some((chunk) => chunk.response_metadata['finish_reason'] === 'stop')).toBe(true);
  expect(chunks.findLast((chunk) => chunk.usage_metadata)?.usage_metadata).toMatchObject({ output_tokens: 11 });
});

test('an OpenAI client gets the tool call', async () => {
  const tool = {
    type: 'function' as const,
    function: { name: 'find_order', parameters: { type: 'object', properties: { number: { type: 'integer' } } } },
  };
  const answer = await chat()
    .bindTools([tool])
    .invoke([['user', 'find_order number 42']]);
  expect(answer.tool_calls).toMatchObject([{ name: 'find_order', args: { number: 42 } }]);
});

test('the model is listed under its own name', async () => {
  const models = (await (await fetch(`${offline.url}/models`)).json()) as { data: { id: string }[] };
  expect(models.data.map((model) => model.id)).toEqual(['bob-offline']);
  expect((await fetch(`${offline.url}/models/bob-offline`)).status).toBe(200);
});

test.each([
  ['an unknown model', '{"model":"gpt","messages":[{"role":"user","content":"Hi"}]}', 404, 'model_not_found'],
  ['a body that is not JSON', '{', 400, null],
  ['a body without messages', '{"model":"bob-offline","messages":[]}', 400, null],
  ['a body of 5 MB', `"${'x'.repeat(5 * 1024 * 1024)}"`, 413, null],
] as const)('%s is refused in the shape of OpenAI', async (_what, body, status, code) => {
  const refusal = await post(body);
  expect(refusal).toMatchObject({ status, body: { error: { type: 'invalid_request_error', code } } });
});

test('an unknown path is refused', async () => {
  const response = await fetch(`${offline.url}/embeddings`, { method: 'POST', body: '{}' });
  expect(response.status).toBe(404);
});
