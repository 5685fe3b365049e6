import type { ReplyChunk, TurnAnswer, TurnRef } from '#domain/turn.ts';
import { CHUNK_PAGE, readReplyChunks, type ChunkCursor } from '#models/read/reply-chunks.ts';
import type { Logger } from '#platform/logger.ts';
import type { Knex } from 'knex';

import type { Answers } from './answers.ts';

/** What comes next of a turn: new pieces, its end, or nothing any more. */
export type TurnNews =
  | { kind: 'chunks'; chunks: readonly ReplyChunk[] }
  | { kind: 'ended'; answer: TurnAnswer }
  | { kind: 'over' };

export interface FollowedTurn {
  /** Waits for news. Between two calls nothing is kept but the cursor: what came meanwhile is read from its rows. */
  next(): Promise<TurnNews>;
  /** Pieces behind the cursor that nobody told of; empty at the end of them. */
  rest(): Promise<readonly ReplyChunk[]>;
  leave(): void;
}

export interface FollowDeps {
  knex: Knex;
  logger: Logger;
  answers: Answers;
}

export interface FollowFrom {
  cursor: ChunkCursor;
  /** Pieces may stand there already: the turn was accepted by an earlier request. */
  isBegun: boolean;
  signal: AbortSignal;
}

/** Follows a turn piece by piece: in memory where the worker is here, else by the doorbell, and each second anyway. */
export function followTurn(deps: FollowDeps, turn: TurnRef, { cursor, isBegun, signal }: FollowFrom): FollowedTurn {
  const { answers } = deps;
  const pieces = piecesOf(deps, turn, { cursor, isStale: isBegun });
  const sleeper = createSleeper();
  let answer: TurnAnswer | null = null;

  function markStale(): void {
    pieces.markStale();
    sleeper.wake(null);
  }

  const onAbort = (): void => sleeper.wake(null);
  const stopFollowing = answers.follow(turn, {
    show(chunk) {
      // Only the very next piece, for a reader who waits for it: everything else is read in order.
      if (sleeper.isAsleep() && pieces.isNext(chunk)) sleeper.wake(chunk);
      else markStale();
      return true;
    },
    rung: markStale,
    take(given) {
      answer = given;
      sleeper.wake(null);
    },
  });
  signal.addEventListener('abort', onAbort);
  if (isBegun) void answers.look(turn);

  return {
    async next() {
      for (;;) {
        // Too many wait already, or the process stops: the reader comes back.
        if (signal.aborted || stopFollowing === null) return { kind: 'over' };
        if (answer !== null) return { kind: 'ended', answer };
        const chunks = pieces.isStale() ? await pieces.read() : pieces.take(await sleeper.sleep());
        if (chunks.length > 0) return { kind: 'chunks', chunks };
      }
    },
    rest: () => pieces.rest(),
    leave() {
      stopFollowing?.();
      signal.removeEventListener('abort', onAbort);
    },
  };
}

/** Whoever sleeps is woken once: what comes right after that finds nobody asleep, and is read from its row. */
function createSleeper() {
  let asleep: ((told: ReplyChunk | null) => void) | null = null;
  return {
    isAsleep: () => asleep !== null,
    wake(told: ReplyChunk | null): void {
      const waking = asleep;
      asleep = null;
      waking?.(told);
    },
    sleep(): Promise<ReplyChunk | null> {
      const { promise, resolve } = Promise.withResolvers<ReplyChunk | null>();
      asleep = resolve;
      return promise;
    },
  };
}

/** The pieces behind a cursor, which moves with each that is given out. */
function piecesOf({ knex, logger }: FollowDeps, turn: TurnRef, start: { cursor: ChunkCursor; isStale: boolean }) {
  let at = start.cursor;
  let isStale = start.isStale;

  function moveTo(chunks: readonly ReplyChunk[]): readonly ReplyChunk[] {
    const last = chunks.at(-1);
    if (last !== undefined) at = { attempt: last.attempt, seq: last.seq };
    return chunks;
  }

  async function rest(): Promise<readonly ReplyChunk[]> {
    return moveTo(await readReplyChunks(knex, turn, at));
  }

  return {
    isStale: () => isStale,
    markStale(): void {
      isStale = true;
    },
    isNext: (chunk: ReplyChunk) => !isStale && isNext(at, chunk),
    take: (told: ReplyChunk | null) => (told === null ? [] : moveTo([told])),
    rest,
    async read(): Promise<readonly ReplyChunk[]> {
      isStale = false;
      try {
        const chunks = await rest();
        // Behind a full page there may be more.
        if (chunks.length === CHUNK_PAGE) isStale = true;
        return chunks;
      } catch (error) {
        logger.warn({ error, turnId: turn.turnId }, 'released text not read, looking again');
        return [];
      }
    },
  };
}

function isNext(at: ChunkCursor, { attempt, seq }: ReplyChunk): boolean {
  return attempt === at.attempt ? seq === at.seq + 1 : attempt > at.attempt && seq === 1;
}
