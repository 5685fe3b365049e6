import type { SlotPermit, SlotReserveContext } from '@temporalio/worker';
import { expect, it } from 'vitest';

import { createTurnSlots, type TurnSlots } from './turn-slots.ts';

const TASK = { type: 'workflow', workflowType: 'chatSession', isSticky: false } as const;

function contextOf(isSticky: boolean): SlotReserveContext {
  return { slotType: 'workflow', taskQueue: 'chat', workerIdentity: 'worker', workerBuildId: '', isSticky };
}

/** A poll that has got its task at once. */
function takeTask({ supplier }: TurnSlots, isSticky = false): SlotPermit | null {
  const permit = supplier.tryReserveSlot(contextOf(isSticky));
  if (permit !== null) supplier.markSlotUsed({ slotInfo: { ...TASK, isSticky }, permit });
  return permit;
}

function takeAll(slots: TurnSlots): SlotPermit[] {
  const permit = takeTask(slots);
  return permit === null ? [] : [permit, ...takeAll(slots)];
}

it('as many tasks are taken as may be at work, and one more for each that has ended', () => {
  const slots = createTurnSlots({ max: 100, atWorkMax: 3 });
  const [first] = takeAll(slots);
  expect(takeTask(slots)).toBeNull();
  slots.supplier.releaseSlot({ slotInfo: TASK, permit: first ?? {} });
  expect(takeAll(slots)).toHaveLength(1);
});

it('turns that wait for a model keep nobody from being begun, up to the most a worker may hold', async () => {
  const slots = createTurnSlots({ max: 5, atWorkMax: 2 });
  const { promise: spoken, resolve: speak } = Promise.withResolvers<string>();
  const waiting: Promise<string>[] = [];
  let taken = takeAll(slots).length;
  for (; waiting.length < 4; taken += takeAll(slots).length) waiting.push(slots.aside(() => spoken));
  expect(taken).toBe(5);
  speak('words');
  expect(await Promise.all(waiting)).toEqual(['words', 'words', 'words', 'words']);
  expect(takeTask(slots)).toBeNull();
});

it('who fails while it waits is at work again', async () => {
  const slots = createTurnSlots({ max: 10, atWorkMax: 1 });
  takeAll(slots);
  await expect(slots.aside(() => Promise.reject(new Error('no model')))).rejects.toThrow('no model');
  expect(takeTask(slots)).toBeNull();
});

it('polls of one queue, which may wait for long, leave the other queue its own', () => {
  const { supplier } = createTurnSlots({ max: 100, atWorkMax: 2 });
  const sticky = [1, 2, 3].map(() => supplier.tryReserveSlot(contextOf(true)));
  expect(sticky[2]).toBeNull();
  expect(supplier.tryReserveSlot(contextOf(false))).not.toBeNull();
});

it('a poll that got no task gives its place back', () => {
  const slots = createTurnSlots({ max: 100, atWorkMax: 1 });
  const permit = slots.supplier.tryReserveSlot(contextOf(false));
  expect(takeTask(slots)).toBeNull();
  slots.supplier.releaseSlot({ permit: permit ?? {} });
  expect(takeTask(slots)).not.toBeNull();
});

it('who waits for a place gets the next one, unless it has given up', async () => {
  const slots = createTurnSlots({ max: 100, atWorkMax: 1 });
  const [permit] = takeAll(slots);
  const leaving = new AbortController();
  const gaveUp = slots.supplier.reserveSlot(contextOf(false), leaving.signal);
  const waits = slots.supplier.reserveSlot(contextOf(false), new AbortController().signal);
  leaving.abort();
  await expect(gaveUp).rejects.toMatchObject({ name: 'AbortError' });
  slots.supplier.releaseSlot({ slotInfo: TASK, permit: permit ?? {} });
  expect(await waits).not.toBeNull();
});

it('a worker is busy while at least half of the places are at work, and not while its turns wait', async () => {
  const slots = createTurnSlots({ max: 100, atWorkMax: 4 });
  takeTask(slots);
  expect(slots.isBusy()).toBe(false);
  takeTask(slots);
  expect(slots.isBusy()).toBe(true);
  await slots.aside(() => Promise.resolve(expect(slots.isBusy()).toBe(false)));
});
