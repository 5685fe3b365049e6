import { expect, test } from 'vitest';

import { createTurnTaking } from './turn-taking.ts';

test('work of one key runs one after the other, also after a failure; other keys do not wait', async () => {
  const inTurn = createTurnTaking();
  const seen: string[] = [];
  const { promise: gate, resolve: open } = Promise.withResolvers<void>();
  const first = inTurn('a', async () => {
    await gate;
    seen.push('first');
    throw new Error('broken');
  });
  const second = inTurn('a', async () => void seen.push('second'));
  await inTurn('b', async () => void seen.push('other'));
  open();
  await expect(first).rejects.toThrow('broken');
  await second;
  expect(seen).toEqual(['other', 'first', 'second']);
});
