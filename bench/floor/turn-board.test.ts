import { expect, test } from 'vitest';
import { openTurnBoard } from './turn-board.ts';

test('a reply tells the number of messages of its session and the mark of its own', async () => {
  const board = openTurnBoard();
  const first = board.begin({ sessionId: 's', message: 'hello, mark:a-b' });
  const other = board.begin({ sessionId: 't', message: 'hello' });
  const second = board.begin({ sessionId: 's', message: 'again, mark:c' });
  for (const { turn } of [second, other, first]) await board.takeTurn(turn);
  expect(await first.reply).toBe('seen:1 mark:a-b');
  expect(await second.reply).toBe('seen:2 mark:c');
  expect(await other.reply).toBe('seen:1 mark:unmarked');
});

test('a turn that could not be handed over fails, and one that nobody waits for is nothing', async () => {
  const board = openTurnBoard();
  const { turn, reply } = board.begin({ sessionId: 's', message: 'hello' });
  board.fail(turn, new Error('no server'));
  await expect(reply).rejects.toThrow('no server');
  await expect(board.takeTurn(turn)).resolves.toBeUndefined();
});
