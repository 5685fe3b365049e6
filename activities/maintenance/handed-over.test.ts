import { expect, it } from 'vitest';

import { rememberHandedOver } from './handed-over.ts';

it('a turn that a workflow has taken is not handed over again at once, and is after a while', () => {
  let nowMs = 1_000_000;
  const handed = rememberHandedOver({ now: () => new Date(nowMs) });
  expect(handed.has('trn_1')).toBe(false);
  handed.add('trn_1');
  nowMs += 14_999;
  handed.add('trn_2');
  expect([handed.has('trn_1'), handed.has('trn_2')]).toEqual([true, true]);
  nowMs += 1;
  expect([handed.has('trn_1'), handed.has('trn_2')]).toEqual([false, true]);
});
