import { expect, test } from 'vitest';
import { openStopList, StopRequested } from './stop-list.ts';

const part = async (name: string): Promise<string> => name;

test('what was started last is stopped first, and one that fails does not keep the others running', async () => {
  const stopped: string[] = [];
  const lines: string[] = [];
  const stops = openStopList((line) => lines.push(line));
  for (const name of ['postgres', 'temporal', 'worker']) {
    await stops.start(
      () => part(name),
      async (started) => {
        stopped.push(started);
        if (started === 'temporal') throw new Error('it is stuck');
      },
    );
  }
  await stops.stop({ hurry: false });
  expect(stopped).toEqual(['worker', 'temporal', 'postgres']);
  expect(lines).toEqual([expect.stringContaining('it is stuck')]);
});

test('a stop during a start stops what that start brings, and nothing more is started', async () => {
  const stopped: string[] = [];
  const stops = openStopList(() => undefined);
  const starting = stops.start(
    async () => {
      await stops.stop({ hurry: false });
      return 'temporal';
    },
    async (started) => {
      stopped.push(started);
    },
  );
  await expect(starting).rejects.toBeInstanceOf(StopRequested);
  expect(stopped).toEqual(['temporal']);
  const later = stops.start(
    () => part('worker'),
    async () => undefined,
  );
  await expect(later).rejects.toBeInstanceOf(StopRequested);
});

test('in a hurry a part that is already stopping slowly is told again', async () => {
  const told: boolean[] = [];
  const stops = openStopList(() => undefined);
  let finish = (): void => undefined;
  await stops.start(
    () => part('api'),
    (_, { hurry }) => {
      told.push(hurry);
      return new Promise((resolve) => {
        if (hurry) finish();
        finish = resolve;
        if (hurry) resolve();
      });
    },
  );
  const slow = stops.stop({ hurry: false });
  await stops.stop({ hurry: true });
  await slow;
  expect(told).toEqual([false, true]);
});
