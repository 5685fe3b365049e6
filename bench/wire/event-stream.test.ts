import { expect, test } from 'vitest';
import { readEventStream, type StreamEvent } from './event-stream.ts';

test('an event torn over pieces is told once, when it is whole, and heartbeats are not', () => {
  const events: StreamEvent[] = [];
  let nowMs = 0;
  const take = readEventStream(
    (event) => events.push(event),
    () => (nowMs += 1),
  );
  for (const piece of ['event: delta\nda', 'ta: {"delta":"a"}\n', '\n: still here\n\ndata: x\n', 'data: y\r\n\r\n'])
    take(piece);
  expect(events).toEqual([
    { name: 'delta', data: '{"delta":"a"}', atMs: 1 },
    { name: '', data: 'x\ny', atMs: 2 },
  ]);
});
