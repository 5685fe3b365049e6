import fc from 'fast-check';
import { expect, test } from 'vitest';
import { complete } from './complete.ts';
import { CompletionRequest } from './completion-request.ts';

const SYSTEM = [
  'You are Bob.',
  'Begin your answer with one header line: [[1,3]], [[p]], [[-]] or [[none]].',
  'Passages:\n[1] Plans: The Pro plan costs 249 USD per month.\n[2] Hours: We are open on Monday.',
].join('\n\n');

const TOOLS = [
  {
    type: 'function',
    function: {
      name: 'find_order',
      parameters: { type: 'object', properties: { number: { type: 'integer' }, city: { type: 'string' } } },
    },
  },
];

function contentFor(question: string, system = SYSTEM): string | null {
  return complete(requestFor({ question, system })).content;
}

function requestFor({ question, system = SYSTEM, ...more }: Record<string, unknown>): CompletionRequest {
  const messages = [
    { role: 'system', content: system },
    { role: 'user', content: question },
  ];
  return CompletionRequest.parse({ model: 'bob-offline', messages, ...more });
}

test('the header names what the answer rests on', () => {
  expect(contentFor('What does the Pro plan cost?')).toBe('[[1]]The Pro plan costs 249 USD per month. [1]');
  expect(contentFor('Who are you?')).toBe('[[p]]I am Bob.');
  expect(contentFor('Hello')).toMatch(/^\[\[-\]\]Hello!/);
  expect(contentFor('What is the capital of France?')).toMatch(/^\[\[none\]\]I do not know/);
});

test('a prompt that asks for no header gets none', () => {
  expect(contentFor('Hello', 'You are Bob.')).toBe('Hello! How can I help you?');
});

test('a tool that the message names is called with what the message gives', () => {
  const called = complete(requestFor({ question: 'Use find order, number: 42, city="New York"', tools: TOOLS }));
  expect(called.toolCall).toEqual({ name: 'find_order', arguments: '{"number":42,"city":"New York"}' });
  expect(called.finishReason).toBe('tool_calls');
  const json = complete(requestFor({ question: 'find_order {"number":7}', tools: TOOLS }));
  expect(json.toolCall?.arguments).toBe('{"number":7}');
});

test('tool_choice forces and forbids a call', () => {
  const question = 'Where is it?';
  expect(complete(requestFor({ question, tools: TOOLS })).toolCall).toBeNull();
  expect(complete(requestFor({ question, tools: TOOLS, tool_choice: 'required' })).toolCall?.arguments).toBe('{}');
  const named = { type: 'function', function: { name: 'find_order' } };
  expect(complete(requestFor({ question, tools: TOOLS, tool_choice: named })).toolCall?.name).toBe('find_order');
  const none = requestFor({ question: 'find_order', tools: TOOLS, tool_choice: 'none' });
  expect(complete(none).toolCall).toBeNull();
});

test('a tool result becomes the answer', () => {
  const messages = [
    { role: 'system', content: SYSTEM },
    { role: 'user', content: 'find_order 42' },
    { role: 'assistant', content: null },
    { role: 'tool', content: 'Order 42 is on its way.' },
  ];
  const completion = complete(CompletionRequest.parse({ model: 'bob-offline', messages, tools: TOOLS }));
  expect(completion.content).toBe('[[p]]Order 42 is on its way.');
});

test('an answer longer than allowed is cut and says so', () => {
  const cut = complete(requestFor({ question: 'What does the Pro plan cost?', max_tokens: 3 }));
  expect(cut).toMatchObject({ content: '[[1]]The Pro', finishReason: 'length', completionTokens: 3 });
});

test('any question gets a text with a valid header, and the same one again', () => {
  fc.assert(
    fc.property(fc.string({ unit: 'grapheme', maxLength: 200 }), (question) => {
      const content = contentFor(question);
      expect(content).toMatch(/^\[\[(?:\d+(?:,\d+)*|p|-|none)\]\]\S/);
      expect(contentFor(question)).toBe(content);
    }),
  );
});
