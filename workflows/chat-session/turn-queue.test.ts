import fc from 'fast-check';
import { expect, it } from 'vitest';

import type { TurnId } from '#domain/ids.ts';
import { OPEN_TURNS_MAX } from '#domain/turn.ts';

import { turnQueue } from './turn-queue.ts';

const EMPTY = { waiting: [], known: [] };

function turnOf(number: number): { turnId: TurnId } {
  return { turnId: `trn_${number}` };
}

it('turns come out in the order they were accepted', () => {
  const turns = turnQueue(EMPTY);
  for (const number of [3, 1, 2]) turns.add(turnOf(number));
  expect([turns.next(), turns.next(), turns.next(), turns.next()]).toEqual(['trn_3', 'trn_1', 'trn_2', undefined]);
  expect(turns.hasNext()).toBe(false);
});

it('a turn handed over again runs once, also after it ran and after a roll-over', () => {
  const turns = turnQueue(EMPTY);
  turns.add(turnOf(1));
  turns.add(turnOf(1));
  expect(turns.next()).toBe('trn_1');
  turns.add(turnOf(1));
  expect(turns.hasNext()).toBe(false);
  const rolledOver = turnQueue(turns.rest());
  rolledOver.add(turnOf(1));
  expect(rolledOver.hasNext()).toBe(false);
});

it('a full queue refuses a new turn and takes a known one, since that changes nothing', () => {
  const turns = turnQueue(EMPTY);
  for (let number = 0; number < OPEN_TURNS_MAX; number += 1) {
    expect(() => turns.refuseIfFull(turnOf(number))).not.toThrow();
    turns.add(turnOf(number));
  }
  expect(() => turns.refuseIfFull(turnOf(99))).toThrow('too many turns wait');
  expect(() => turns.refuseIfFull(turnOf(0))).not.toThrow();
  turns.next();
  expect(() => turns.refuseIfFull(turnOf(99))).not.toThrow();
});

it('a refusal is final, with the slug a caller knows', () => {
  const turns = turnQueue({ waiting: ['trn_1', 'trn_2', 'trn_3', 'trn_4', 'trn_5'], known: [] });
  const refuse = () => turns.refuseIfFull(turnOf(99));
  expect(refuse).toThrow(expect.objectContaining({ type: 'session-busy', nonRetryable: true }));
});

it('what a roll-over carries is a copy: later turns do not change it', () => {
  const turns = turnQueue(EMPTY);
  turns.add(turnOf(1));
  const rest = turns.rest();
  turns.add(turnOf(2));
  expect(rest).toEqual({ waiting: ['trn_1'], known: ['trn_1'] });
});

it('whatever is handed over, however often and wherever it rolls over, each turn runs once and in first order', () => {
  const steps = fc.array(fc.oneof(fc.nat({ max: 30 }), fc.constantFrom('take', 'roll')), { maxLength: 120 });
  fc.assert(
    fc.property(steps, (moves) => {
      let turns = turnQueue(EMPTY);
      const ran: (TurnId | undefined)[] = [];
      for (const move of moves) {
        if (move === 'take') ran.push(turns.next());
        else if (move === 'roll') turns = turnQueue(turns.rest());
        else turns.add(turnOf(move));
      }
      while (turns.hasNext()) ran.push(turns.next());
      const handed = moves.filter((move) => typeof move === 'number').map((number) => turnOf(number).turnId);
      expect(ran.filter((turnId) => turnId !== undefined)).toEqual([...new Set(handed)]);
    }),
  );
});

it('memory of known turns is bounded, so a history of handing over stays small', () => {
  const turns = turnQueue(EMPTY);
  for (let number = 0; number < 1000; number += 1) {
    turns.add(turnOf(number));
    turns.next();
  }
  expect(turns.rest().known).toHaveLength(50);
});
