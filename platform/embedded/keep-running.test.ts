import { expect, test } from 'vitest';
import { keepRunning } from './keep-running.ts';
import type { OwnProcess } from './own-process.ts';

/** Processes that end when we say so. */
function startable() {
  const started: { pid: number; end: () => void }[] = [];
  const start = async (): Promise<OwnProcess> => {
    let end = (): void => undefined;
    const ended = new Promise<void>((resolve) => {
      end = resolve;
    });
    started.push({ pid: started.length + 1, end });
    return { pid: started.length, ended };
  };
  return { started, start };
}

test('a part that dies is started again after one second, until it runs', async () => {
  const { started, start } = startable();
  let failures = 1;
  const lines: string[] = [];
  const kept = await keepRunning({
    name: 'Temporal',
    log: (line) => lines.push(line),
    start: async () => {
      if (started.length === 1 && failures-- > 0) throw new Error('the port is still taken');
      return start();
    },
  });
  started[0]?.end();
  await expect.poll(() => lines).toHaveLength(1);
  expect(kept.current.pid).toBe(1);
  await expect.poll(() => kept.current.pid).toBe(2);
  expect(lines).toEqual([
    expect.stringContaining('has ended'),
    expect.stringContaining('still taken'),
    expect.stringContaining('runs again (process 2)'),
  ]);
  await kept.release();
});

test('a part that was released is not started again', async () => {
  const { started, start } = startable();
  const kept = await keepRunning({ name: 'PostgreSQL', log: () => undefined, start });
  await kept.release();
  started[0]?.end();
  await new Promise((resolve) => setImmediate(resolve));
  expect(started).toHaveLength(1);
});
