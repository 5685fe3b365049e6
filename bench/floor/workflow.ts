import { condition, defineUpdate, proxyLocalActivities, setHandler } from '@temporalio/workflow';
import type { FloorTurn } from './messages.ts';
import type { TurnBoard } from './turn-board.ts';

const TURN_MAX = 40;

const submitTurn = defineUpdate<void, [FloorTurn]>('submitTurn');

const { takeTurn } = proxyLocalActivities<Pick<TurnBoard, 'takeTurn'>>({ startToCloseTimeout: '90s' });

/** A session with nothing to do: each update is one empty local activity. No timer, no attribute, no second try. */
export async function floorSession(): Promise<void> {
  const waiting: FloorTurn[] = [];
  setHandler(submitTurn, (turn) => {
    waiting.push(turn);
  });
  for (let taken = 0; taken < TURN_MAX; taken += 1) {
    await condition(() => waiting.length > 0);
    const turn = waiting.shift();
    if (turn !== undefined) await takeTurn(turn);
  }
}
