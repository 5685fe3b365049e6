import { isId, type TurnId } from '#domain/ids.ts';
import type { ReplyChunk, TurnAnswer, TurnRef } from '#domain/turn.ts';
import { readTurnAnswer } from '#models/read/turn-answer.ts';
import type { Logger } from '#platform/logger.ts';
import type { Knex } from 'knex';

export interface Answers {
  /** Waits for a turn's outcome; null when it takes longer than that, or too many wait already. */
  of(turn: TurnRef, options: { waitMs: number }): Promise<TurnAnswer | null>;
  /** Hands over an answer made in this process; false when nobody here waits for it. */
  deliver(answer: TurnAnswer): boolean;
  /** Hands over a piece of a running answer made in this process; false when nobody here follows that turn. */
  show(chunk: ReplyChunk): boolean;
  /** The doorbell: a turn is done somewhere, its row can be read. */
  hear(turnId: string): void;
  /** This process is about to stop: whoever waits, or comes now, is told to come again. */
  release(): void;
}

interface Waiting {
  turn: TurnRef;
  settle(answer: TurnAnswer | null): void;
}

/** A lost doorbell costs at most this. */
const POLL_MS = 1000;
/** The waiters are the only memory of an API process, so there is an end to them. */
const WAITING_MAX = 5000;

export function createAnswers({ knex, logger }: { knex: Knex; logger: Logger }): Answers {
  const waiting = new Map<TurnId, Set<Waiting>>();
  let count = 0;
  let isReleased = false;

  async function look(turn: TurnRef): Promise<void> {
    try {
      const answer = await readTurnAnswer(knex, turn);
      if (answer !== null) deliver(answer);
    } catch (error) {
      logger.warn({ error, turnId: turn.turnId }, 'answer not read, looking again');
    }
  }

  function deliver(answer: TurnAnswer): boolean {
    const here = [...(waiting.get(answer.turnId) ?? [])];
    for (const waiter of here) waiter.settle(answer);
    return here.length > 0;
  }

  function leave(waiter: Waiting): void {
    const here = waiting.get(waiter.turn.turnId);
    if (here?.delete(waiter) === true) count -= 1;
    if (here?.size === 0) waiting.delete(waiter.turn.turnId);
  }

  function wait(turn: TurnRef, waitMs: number): Promise<TurnAnswer | null> {
    const { promise, resolve } = Promise.withResolvers<TurnAnswer | null>();
    const poll = setInterval(() => void look(turn), POLL_MS);
    const end = setTimeout(() => waiter.settle(null), waitMs);
    const waiter: Waiting = {
      turn,
      settle(answer) {
        clearInterval(poll);
        clearTimeout(end);
        leave(waiter);
        resolve(answer);
      },
    };
    const here = waiting.get(turn.turnId) ?? new Set();
    waiting.set(turn.turnId, here.add(waiter));
    count += 1;
    return promise;
  }

  return {
    of: (turn, { waitMs }) => (isReleased || count >= WAITING_MAX ? Promise.resolve(null) : wait(turn, waitMs)),
    deliver,
    show: () => false,
    hear(turnId) {
      if (!isId('trn', turnId)) return;
      const [waiter] = waiting.get(turnId) ?? [];
      if (waiter !== undefined) void look(waiter.turn);
    },
    release() {
      isReleased = true;
      for (const waiter of [...waiting.values()].flatMap((here) => [...here])) waiter.settle(null);
    },
  };
}
