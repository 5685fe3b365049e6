import type { TurnAnswer, TurnRef } from '#domain/turn.ts';
import { readTurnAnswer } from '#models/read/turn-answer.ts';
import type { Knex } from 'knex';

/** A turn that is covered is covered by a later one: a chain has an end, and this is beyond it. */
export const COVERING_MAX = 50;

/** The turn that answers in place of this one, where a later message of the same burst covers it. */
export function coveringTurn(answer: TurnAnswer): TurnRef | null {
  if (answer.outcome !== 'superseded' || answer.coveredBy === null) return null;
  return { tenantId: answer.tenantId, turnId: answer.coveredBy };
}

/** What the caller of a covered turn is told: its own outcome and charge, the words of the turn that answers it. */
export function answeredBy(own: TurnAnswer, covering: TurnAnswer): TurnAnswer {
  if (own.turnId === covering.turnId) return own;
  const { turnId: coveredBy, reply, owner, persona, closedAt, modelMs } = covering;
  return { ...own, coveredBy, reply, owner, persona, closedAt, modelMs, discloses: covering.discloses ?? false };
}

/** The answer to a turn, its chain of covering turns followed to the end; null while the last of them is open. */
export async function findAnswer(knex: Knex, turn: TurnRef): Promise<TurnAnswer | null> {
  const own = await readTurnAnswer(knex, turn);
  let last = own;
  for (let hops = 0; last !== null && hops < COVERING_MAX; hops += 1) {
    const next = coveringTurn(last);
    if (next === null) break;
    last = await readTurnAnswer(knex, next);
  }
  return own === null || last === null ? null : answeredBy(own, last);
}
