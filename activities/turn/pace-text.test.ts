import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { paceText } from './pace-text.ts';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

/** A way out that takes as long as the test says. */
function slowLine() {
  const sent: string[] = [];
  let arrive = (): void => undefined;
  const send = (text: string): Promise<void> => {
    sent.push(text);
    const { promise, resolve } = Promise.withResolvers<void>();
    arrive = resolve;
    return promise;
  };
  return { sent, send, arrive: () => arrive() };
}

it('the first words leave at once, the next ones together after a pause', async () => {
  const { sent, send, arrive } = slowLine();
  const paced = paceText(send);
  paced.offer('Up');
  arrive();
  await vi.advanceTimersByTimeAsync(1);
  paced.offer(' to');
  paced.offer(' three');
  expect(sent).toEqual(['Up']);
  await vi.advanceTimersByTimeAsync(50);
  expect(sent).toEqual(['Up', ' to three']);
});

it('many words do not wait for the pause, but always for the piece before them', async () => {
  const { sent, send, arrive } = slowLine();
  const paced = paceText(send);
  paced.offer('Up');
  paced.offer('.'.repeat(200));
  await vi.advanceTimersByTimeAsync(500);
  expect(sent).toEqual(['Up']);
  arrive();
  await vi.advanceTimersByTimeAsync(0);
  expect(sent).toEqual(['Up', '.'.repeat(200)]);
});

it('the end waits until every word has arrived', async () => {
  const { sent, send, arrive } = slowLine();
  const paced = paceText(send);
  paced.offer('Up');
  paced.offer(' to three.');
  let isDone = false;
  void paced.finish().then(() => (isDone = true));
  arrive();
  await vi.advanceTimersByTimeAsync(0);
  expect([sent, isDone]).toEqual([['Up', ' to three.'], false]);
  arrive();
  await vi.advanceTimersByTimeAsync(0);
  expect([isDone, vi.getTimerCount()]).toEqual([true, 0]);
});

it('after a halt nothing leaves, and the end waits only for what is on its way', async () => {
  const { sent, send, arrive } = slowLine();
  const paced = paceText(send);
  paced.offer('Up');
  paced.offer(' to');
  paced.halt();
  paced.offer(' three');
  const finished = paced.finish();
  arrive();
  await finished;
  expect([sent, vi.getTimerCount()]).toEqual([['Up'], 0]);
});
