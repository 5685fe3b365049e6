import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import type { Busy, Charge, ClosingTurn, Held, HoldRequest, Refused, TurnUsage } from '#domain/usage.ts';

import { createPricebooks } from '../pricebook.ts';
import type { Pricebooks } from '../pricebook.ts';
import { planSettlement, releaseTurn, settleTurn, type PlannedSettlement, type Release } from './end-turn.ts';
import { reserveCredits } from './reserve-credits.ts';
import { createReserveLanes } from './reserve-lanes.ts';

/** All a caller knows of the money: nothing of lanes, inbox or chain. */
export interface CreditLedger {
  /** Its own autocommit statement on its own pool: never call it inside a transaction. */
  reserve(hold: HoldRequest): Promise<Held | Refused | Busy>;
  /** Before the receipt, which names the lines. */
  settle(trx: Knex, turn: ClosingTurn, usage: TurnUsage): Promise<Charge>;
  release(trx: Knex, turn: ClosingTurn, end: Release): Promise<Charge>;
  /** For a turn that ends in one statement: what `settleUntouchedHold` is given, and what it will have charged. */
  planSettlement(turn: ClosingTurn, facts: { usage: TurnUsage; heldMillicredits: bigint }): Promise<PlannedSettlement>;
  /** After the commit of a settle or a release. */
  pokeSeal(tenantId: TenantId): void;
  /** Published documents, each read once per process. */
  books: Pricebooks;
}

export interface CreditLedgerDeps {
  /** The small pool that serves reserves alone. */
  knex: Knex;
  sealPoke?: (tenantId: TenantId) => void;
  laneWidth?: number;
  waitingMax?: number;
}

const LANE_WIDTH = 2;
const WAITING_MAX = 1000;
const BUSY_RETRY_MS = 1000;

export function createCreditLedger(deps: CreditLedgerDeps): CreditLedger {
  const books = createPricebooks(deps.knex);
  const lanes = createReserveLanes({
    widthMax: deps.laneWidth ?? LANE_WIDTH,
    waitingMax: deps.waitingMax ?? WAITING_MAX,
  });
  return {
    books,
    async reserve(hold) {
      const decided = await lanes.run(hold.tenantId, () => reserveCredits(deps.knex, hold));
      return decided ?? { state: 'busy', retryAfterMs: BUSY_RETRY_MS };
    },
    settle: (trx, turn, usage) => settleTurn({ trx, books }, turn, usage),
    release: (trx, turn, end) => releaseTurn({ trx, books }, turn, end),
    planSettlement: (turn, facts) => planSettlement({ knex: deps.knex, books }, turn, facts),
    pokeSeal: (tenantId) => deps.sealPoke?.(tenantId),
  };
}
