import { isId, type TurnId } from '#domain/ids.ts';
import type { ReplyChunk, TurnAnswer, TurnRef } from '#domain/turn.ts';
import { readEndedTurns, readTurnAnswer } from '#models/read/turn-answer.ts';
import type { Logger } from '#platform/logger.ts';
import type { Knex } from 'knex';

import { answeredBy, coveringTurn } from './covering-turn.ts';

/** Whoever wants to know how a turn goes on. */
export interface Follower {
  /** Whether it is a piece for this one at all. */
  show(chunk: ReplyChunk): boolean;
  /** There are pieces to be read, which another process wrote. */
  rung(): void;
  take(answer: TurnAnswer): void;
}

export interface Answers {
  /** Waits for a turn's outcome; null when it takes longer than that, or too many wait already. */
  of(turn: TurnRef, options: { waitMs: number }): Promise<TurnAnswer | null>;
  /** Tells of one turn until the function it gives is called; null when too many wait already. */
  follow(turn: TurnRef, follower: Follower): (() => void) | null;
  /** Reads the row and hands over what stands in it: for those who have not heard of a turn for a while. */
  look(turn: TurnRef): Promise<void>;
  /** Hands over an answer made in this process; false when nobody here waits for it. */
  deliver(answer: TurnAnswer): boolean;
  /** Hands over a piece of a running answer made in this process; false when nobody here follows that turn. */
  show(chunk: ReplyChunk): boolean;
  /** The doorbell: a turn is done somewhere, its row can be read. */
  hear(turnId: string): void;
  /** The doorbell: pieces of a running answer can be read. */
  hearPieces(turnId: string): void;
  /** This process is about to stop: whoever waits, or comes now, is told to come again. */
  release(): void;
  /** How many wait and follow now. */
  size(): number;
}

interface Place extends Follower {
  turn: TurnRef;
}

/** A lost doorbell costs at most this, and a process with a thousand callers one statement in it. */
const POLL_MS = 1000;
/** The waiters are the only memory of an API process, so there is an end to them. */
const WAITING_MAX = 5000;

export function createAnswers({ knex, logger }: { knex: Knex; logger: Logger }): Answers {
  const places = createPlaces();
  const poll = pollWhile(() => places.size() > 0, lookAtAll);
  const waiting = new Set<() => void>();
  let isReleased = false;

  async function look(turn: TurnRef): Promise<void> {
    try {
      const answer = await readTurnAnswer(knex, turn);
      if (answer !== null) deliver(answer);
    } catch (error) {
      logger.warn({ error, turnId: turn.turnId }, 'answer not read, looking again');
    }
  }

  /** As if all bells had rung: what has ended is found in one statement for all. */
  async function lookAtAll(): Promise<void> {
    for (const place of places.all()) place.rung();
    const turns = places.turns();
    try {
      for (const turn of await readEndedTurns(knex, turns)) void look(turn);
    } catch (error) {
      logger.warn({ error, turns: turns.length }, 'ends not read, looking again');
    }
  }

  function deliver(answer: TurnAnswer): boolean {
    const here = places.of(answer.turnId);
    for (const place of here) place.take(answer);
    return here.length > 0;
  }

  function enter(place: Place): () => void {
    poll.begin();
    return places.enter(place);
  }

  const isFull = () => isReleased || places.size() >= WAITING_MAX;

  return {
    of: (turn, { waitMs }) => (isFull() ? Promise.resolve(null) : waitFor({ enter, look, waiting }, turn, waitMs)),
    follow: (turn, follower) => (isFull() ? null : enter({ turn, ...follower })),
    look,
    deliver,
    show: (chunk) => places.of(chunk.turnId).filter((place) => place.show(chunk)).length > 0,
    hear(turnId) {
      if (!isId('trn', turnId)) return;
      const [place] = places.of(turnId);
      if (place !== undefined) void look(place.turn);
    },
    hearPieces(turnId) {
      if (isId('trn', turnId)) for (const place of places.of(turnId)) place.rung();
    },
    release() {
      isReleased = true;
      for (const settleEmpty of waiting) settleEmpty();
    },
    size: places.size,
  };
}

/** Who waits and follows, by turn. */
function createPlaces() {
  const byTurn = new Map<TurnId, Set<Place>>();
  let count = 0;
  return {
    size: () => count,
    of: (turnId: TurnId): Place[] => [...(byTurn.get(turnId) ?? [])],
    all: (): Place[] => [...byTurn.values()].flatMap((here) => [...here]),
    /** Each once, however many wait for it. */
    turns: (): TurnRef[] => [...byTurn.values()].flatMap((here) => [...here].slice(0, 1).map(({ turn }) => turn)),
    enter(place: Place): () => void {
      const { turnId } = place.turn;
      const here = byTurn.get(turnId) ?? new Set();
      byTurn.set(turnId, here.add(place));
      count += 1;
      return () => {
        if (here.delete(place)) count -= 1;
        if (here.size === 0 && byTurn.get(turnId) === here) byTurn.delete(turnId);
      };
    },
  };
}

/** Runs again and again as long as somebody waits, and never twice at the same time. */
function pollWhile(isNeeded: () => boolean, run: () => Promise<void>): { begin(): void } {
  let timer: NodeJS.Timeout | null = null;

  async function runOnce(): Promise<void> {
    if (isNeeded()) await run();
    timer = null;
    if (isNeeded()) begin();
  }

  function begin(): void {
    timer ??= setTimeout(() => void runOnce(), POLL_MS).unref();
  }
  return { begin };
}

/** Who waits for JSON reads no pieces; the doorbell is rung, for somebody elsewhere may. */
const WITHOUT_PIECES: Pick<Follower, 'show' | 'rung'> = { show: () => false, rung: () => undefined };

interface Waiting {
  enter(place: Place): () => void;
  look(turn: TurnRef): Promise<void>;
  waiting: Set<() => void>;
}

/** Waits for the outcome of a turn, or of the one that answers in its place. */
function waitFor({ enter, look, waiting }: Waiting, asked: TurnRef, waitMs: number): Promise<TurnAnswer | null> {
  const { promise, resolve } = Promise.withResolvers<TurnAnswer | null>();
  let covered: TurnAnswer | null = null;
  let turn = asked;
  let leave = enter({ ...WITHOUT_PIECES, turn, take });
  const end = setTimeout(settleEmpty, waitMs);
  waiting.add(settleEmpty);

  function take(answer: TurnAnswer): void {
    const next = coveringTurn(answer);
    if (next === null) {
      settle(covered === null ? answer : answeredBy(covered, answer));
      return;
    }
    // The words will come from a later turn of the same burst; that one may be done already.
    covered ??= answer;
    turn = next;
    leave();
    leave = enter({ ...WITHOUT_PIECES, turn, take });
    void look(turn);
  }

  function settle(answer: TurnAnswer | null): void {
    clearTimeout(end);
    waiting.delete(settleEmpty);
    leave();
    resolve(answer);
  }

  function settleEmpty(): void {
    settle(null);
  }
  return promise;
}
