import type { Knex } from 'knex';

import { coverEnd, stopEnd, withholdEnd, type EndedTurn } from '#domain/ended-turn.ts';
import { newId } from '#platform/new-id.ts';

import type { LockedTurn } from '../closing-turn.ts';
import { readCutReply, readLaterTurn, readShownText, type TurnReply } from '../shown-text.ts';

export interface DecidedEnd {
  ended: EndedTurn;
  reply: TurnReply | null;
}

/**
 * What a turn ends as, under both locks: what was composed, unless a person has taken over, the visitor has stopped it,
 * or a later message is answered instead. In the steady case no statement is asked for it.
 */
export async function decideEnd(trx: Knex, turn: LockedTurn, composed: EndedTurn): Promise<DecidedEnd> {
  if (isWithheld(turn, composed)) {
    const reply = await readCutReply(trx, turn);
    return { ended: { ...withholdEnd(composed), text: reply?.text ?? null }, reply };
  }
  const ended = await decide(trx, turn, composed);
  const reply = ended.text === null ? null : { id: newId('msg'), seq: turn.nextSeq, text: ended.text, isStored: false };
  return { ended, reply };
}

/** The fence: whoever took over, or closed the session, has kept what was shown until then. */
function isWithheld(turn: LockedTurn, { outcome, ownerEpoch }: EndedTurn): boolean {
  const isOurs = turn.owner === 'ai' && turn.ownerEpoch === ownerEpoch && turn.sessionState === 'open';
  return !isOurs || outcome === 'suppressed_by_human';
}

async function decide(trx: Knex, turn: LockedTurn, composed: EndedTurn): Promise<EndedTurn> {
  if (turn.stopAt !== null) return stopEnd(composed, await shownOf(trx, turn, composed));
  if (!composed.mayBeCovered || turn.openTurns === 1) return composed;
  const later = await readLaterTurn(trx, turn);
  return later === null ? composed : coverEnd(composed, later);
}

/** Chunks may be lost in a crash of the database, and an acknowledgement on its way: the longer text is it. */
async function shownOf(trx: Knex, turn: LockedTurn, { shown }: EndedTurn): Promise<string> {
  if (!turn.streams) return '';
  const stored = await readShownText(trx, turn);
  return stored.length > shown.length ? stored : shown;
}
