import type { Knex } from 'knex';

import { coverEnd, stopEnd, withholdEnd, type EndedTurn } from '#domain/ended-turn.ts';
import { newId } from '#platform/new-id.ts';

import type { ClosingFacts } from '../closing-facts.ts';
import {
  readCutReply,
  readHandbackTurn,
  readLaterTurn,
  readShownByTry,
  readShownText,
  type TurnReply,
} from '../shown-text.ts';

export interface DecidedEnd {
  ended: EndedTurn;
  reply: TurnReply | null;
}

/**
 * What a turn ends as, under both locks: what was composed, unless a person has taken over, the visitor has stopped it,
 * or a later message is answered instead. In the steady case no statement is asked for it.
 */
export async function decideEnd(trx: Knex, turn: ClosingFacts, composed: EndedTurn): Promise<DecidedEnd> {
  const { ended, reply } = await decideReply(trx, turn, composed);
  return { ended: await tellReleased(trx, turn, ended), reply };
}

/** The receipt says what each call has released, those of tries that died as well: the visitor has seen it. */
async function tellReleased(trx: Knex, turn: ClosingFacts, ended: EndedTurn): Promise<EndedTurn> {
  if (!turn.streams || ended.calls.every(({ attempt }) => attempt === ended.attempt)) return ended;
  const shown = await readShownByTry(trx, turn);
  const calls = ended.calls.map((call, index) => {
    // Words are released once their sources are known, which is in the last call of a try.
    const isLast = ended.calls[index + 1]?.attempt !== call.attempt;
    return isLast ? { releasedCharacters: shown.get(call.attempt) ?? 0, ...call } : call;
  });
  return { ...ended, calls };
}

async function decideReply(trx: Knex, turn: ClosingFacts, composed: EndedTurn): Promise<DecidedEnd> {
  if (isWithheld(turn, composed)) return withhold(trx, turn, composed);
  const ended = await decide(trx, turn, composed);
  const reply = ended.text === null ? null : { id: newId('msg'), seq: turn.nextSeq, text: ended.text, isStored: false };
  return { ended, reply };
}

/** The fence: whoever took over, or closed the session, has kept what was shown until then. No try after it counts. */
function isWithheld(turn: ClosingFacts, { outcome, ownerEpoch }: EndedTurn): boolean {
  const isOurs = turn.owner === 'ai' && turn.ownerEpoch === ownerEpoch && turn.sessionState === 'open';
  return !isOurs || turn.wasTakenOver || outcome === 'suppressed_by_human';
}

async function withhold(trx: Knex, turn: ClosingFacts, composed: EndedTurn): Promise<DecidedEnd> {
  const reply = await readCutReply(trx, turn);
  if (reply !== null) return { ended: { ...withholdEnd(composed), text: reply.text }, reply };
  const handbackTurn = await readHandbackTurn(trx, turn);
  // What nobody had answered by the hand-back, its turn answers: who waits for this one is told that reply.
  return { ended: handbackTurn === null ? withholdEnd(composed) : coverEnd(composed, handbackTurn), reply };
}

async function decide(trx: Knex, turn: ClosingFacts, composed: EndedTurn): Promise<EndedTurn> {
  if (turn.stopAt !== null) return stopEnd(composed, await shownOf(trx, turn, composed));
  if (!composed.mayBeCovered || turn.openTurns === 1) return composed;
  const later = await readLaterTurn(trx, turn);
  return later === null ? composed : coverEnd(composed, later);
}

/** Chunks may be lost in a crash of the database, and an acknowledgement on its way: the longer text is it. */
async function shownOf(trx: Knex, turn: ClosingFacts, { shown }: EndedTurn): Promise<string> {
  if (!turn.streams) return '';
  const stored = await readShownText(trx, turn);
  return stored.length > shown.length ? stored : shown;
}
