import { expect, test } from 'vitest';
import { floorTarget, productTarget } from './load-target.ts';

const TARGET = productTarget({ url: 'http://127.0.0.1:1', businessId: 'demo', wire: 'sse' });
const TURN = { sessionId: 's', turn: 1, message: 'm', mark: 'm', key: 'k', history: [], sessionToken: null };

function answerOf(events: readonly [name: string, data: object][]) {
  const stream = events.map(([name, data], index) => ({ name, data: JSON.stringify(data), atMs: index }));
  return { status: 200, headers: {}, body: {}, events: stream };
}

const DONE = { outcome: 'answered', seq: 2, reply: 'two words' };

test('the pieces since the last fresh start are the reply, and the first of them is the first token', () => {
  const answer = answerOf([
    ['accepted', { session_token: 'proof' }],
    ['delta', { delta: 'lost' }],
    ['reset', {}],
    ['delta', { delta: 'two ' }],
    ['delta', { delta: 'words' }],
    ['done', DONE],
  ]);
  expect(TARGET.replyIn(answer, TURN)).toEqual({ reply: 'two words', sessionToken: 'proof', firstTokenAtMs: 3 });
});

test('a stream that showed something else than its reply is wrong', () => {
  const answer = answerOf([
    ['delta', { delta: 'two' }],
    ['done', DONE],
  ]);
  expect(TARGET.replyIn(answer, TURN)).toEqual({ fault: 'shown "two", but the reply is "two words"' });
});

test('a stream that ends in a problem tells it, and an answer that is no stream is none', () => {
  expect(TARGET.replyIn(answerOf([['error', { type: 'x' }]]), TURN)).toEqual({
    fault: 'outcome undefined: {"type":"x"}',
  });
  expect(TARGET.replyIn(answerOf([]), TURN)).toEqual({ fault: 'the answer is no event stream' });
});

test('the floor is asked and read as the naive program is', () => {
  const floor = floorTarget({ url: 'http://127.0.0.1:1' });
  const { url, body } = floor.requestFor({ ...TURN, message: 'hello' });
  expect({ name: floor.name, url, body }).toEqual({
    name: 'floor',
    url: 'http://127.0.0.1:1/api/chat',
    body: { session_id: 's', message: 'hello' },
  });
  const answer = { status: 200, headers: {}, body: { reply: 'seen:1 mark:m' }, events: [] };
  expect(floor.replyIn(answer, TURN)).toEqual({ reply: 'seen:1 mark:m' });
});
