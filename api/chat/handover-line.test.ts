import { randomUUID } from 'node:crypto';

import { afterEach, beforeEach, expect, it, vi } from 'vitest';

import { createHandoverLine, type HandoverLine, type WaitingTurn } from './handover-line.ts';

const busy = randomUUID();
let nowMs = 0;
let allowed = 2;
let told: string[] = [];
let line: HandoverLine;

beforeEach(() => {
  vi.useFakeTimers();
  allowed = 2;
  told = [];
  line = createHandoverLine({ nowMs: () => nowMs, allowance: () => allowed });
});
afterEach(() => void vi.useRealTimers());

function pass(ms: number): void {
  nowMs += ms;
  vi.advanceTimersByTime(ms);
}

const enter = (name: string): WaitingTurn => line.enter(busy, () => void told.push(name));

it('turns within the share are told of at once, the others in their order when one has ended', () => {
  const first = enter('first');
  for (const name of ['second', 'third', 'fourth']) enter(name);
  expect(told).toEqual(['first', 'second']);
  pass(100);
  expect(first.leave()).toBe(nowMs - 100);
  expect(first.leave()).toBeNull();
  expect(told).toEqual(['first', 'second', 'third']);
});

it('more are told of when the share grows', () => {
  for (const name of ['first', 'second', 'third']) enter(name);
  allowed = 3;
  line.serve();
  expect(told).toEqual(['first', 'second', 'third']);
});

it('one that nobody waits for any more is told of in its turn, and takes no place', () => {
  const [first] = [enter('first'), enter('second')];
  const third = enter('third');
  enter('fourth');
  expect(third.leave()).toBeNull();
  first?.leave();
  expect(told).toEqual(['first', 'second', 'third', 'fourth']);
});

it('nothing waits for longer than the sweeper would let it', () => {
  for (const name of ['first', 'second', 'third']) enter(name);
  pass(2999);
  expect(told).toHaveLength(2);
  pass(1);
  expect(told).toEqual(['first', 'second', 'third']);
});

it('it is long when more wait than were told of lately, but a few may always wait', () => {
  for (let n = 0; n < 17; n += 1) enter(`${n}`);
  expect(line.isLong(busy)).toBe(false);
  enter('17');
  expect(line.isLong(busy)).toBe(true);
  expect(line.isLong(randomUUID())).toBe(false);
});

it('it is not long where they are soon through', () => {
  allowed = 30;
  for (let n = 0; n < 30; n += 1) enter(`${n}`);
  allowed = 2;
  for (let n = 0; n < 20; n += 1) enter(`more ${n}`);
  expect(line.isLong(busy)).toBe(false);
  pass(1000);
  expect(line.isLong(busy)).toBe(true);
});
