import type { Knex } from 'knex';

import { priceTurn } from '#domain/credits/price-turn.ts';
import { waiveCalls } from '#domain/credits/waive-calls.ts';
import type { Charge, ClosingTurn, ReleaseReason, TurnUsage } from '#domain/usage.ts';

import type { Pricebooks } from '../pricebook.ts';
import { closeHold } from './close-hold.ts';
import { findHeldVersion } from './find-hold.ts';
import { bindingsOfEnd, chargeOf, type PricedTurn, type TurnEnd } from './hold-end-sql.ts';

interface EndDeps {
  trx: Knex;
  books: Pricebooks;
}

export interface Release {
  reason: ReleaseReason;
  usage: TurnUsage | null;
}

/** Charges what was used, with the version the hold pinned. */
export async function settleTurn(deps: EndDeps, turn: ClosingTurn, usage: TurnUsage): Promise<Charge> {
  return closeHold(deps.trx, turn, { state: 'settled', reason: null, priced: await priceUsage(deps, turn, usage) });
}

/** Gives the hold back. Calls that were made leave waived lines: the tenant sees them and pays nothing. */
export async function releaseTurn(deps: EndDeps, turn: ClosingTurn, { reason, usage }: Release): Promise<Charge> {
  const waived = { calls: waiveCalls(usage?.calls ?? [], reason), textDelivered: false };
  return closeHold(deps.trx, turn, { state: 'released', reason, priced: await priceUsage(deps, turn, waived) });
}

/** The charge of a settled turn before it is on record, and what the statement that records it must be given. */
export interface PlannedSettlement {
  charge: Charge;
  bindings: ReturnType<typeof bindingsOfEnd> & { heldMillicredits: string };
}

/** For a turn that ends in one statement (`settleUntouchedHold`): what this says holds only if that gives a row. */
export async function planSettlement(
  { knex, books }: { knex: Knex; books: Pricebooks },
  turn: ClosingTurn,
  { usage, heldMillicredits }: { usage: TurnUsage; heldMillicredits: bigint },
): Promise<PlannedSettlement> {
  const priced = await priceUsage({ trx: knex, books }, turn, usage);
  if (priced === null) throw new Error(`${turn.turnId} made no call that could be settled`);
  const end: TurnEnd = { state: 'settled', reason: null, priced };
  const { pricebookVersion } = priced;
  return {
    charge: chargeOf(end, { heldMillicredits, pricebookVersion }),
    bindings: { ...bindingsOfEnd(turn, end), heldMillicredits: String(heldMillicredits) },
  };
}

/** No query while the version is known and was read before: settling stays one statement. */
async function priceUsage({ trx, books }: EndDeps, turn: ClosingTurn, usage: TurnUsage): Promise<PricedTurn | null> {
  if (usage.calls.length === 0) return null;
  const version = turn.pricebookVersion ?? (await findHeldVersion(trx, turn));
  const book = version === null ? await books.effectiveAt(turn.at) : await books.byVersion(version);
  if (book === null) throw new Error(`${turn.turnId} has no pricebook: version ${version} is not there`);
  return { lines: priceTurn(usage, book.document), pricebookVersion: book.version };
}
