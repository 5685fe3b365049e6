import { splitAmount } from './split-amount.ts';
import type { GrantId, GrantShare } from './split-amount.ts';

/** A turn that ended, as the seal meets it: what it had set aside, and what it cost. */
export interface EndedCharge {
  /** The part of its hold that is still counted as held; empty after a lapse. */
  heldShares: readonly GrantShare[];
  amountMillicredits: bigint;
  at: Date;
}

/** A grant as its locked row stands, in spending order. */
export interface SpendableGrant {
  grantId: GrantId;
  freeMillicredits: bigint;
  effectiveAt: Date;
  expiresAt: Date | null;
}

export interface GrantMove {
  grantId: GrantId;
  unholdMillicredits: bigint;
  spendMillicredits: bigint;
}

export interface CoveredCharge {
  shares: readonly GrantShare[];
  /** What no grant covers, the operator pays. */
  writeoffMillicredits: bigint;
}

export interface Coverage {
  charges: readonly CoveredCharge[];
  moves: readonly GrantMove[];
}

/**
 * Every charge takes from its own hold first. Only then is shared out, in order, what the pass leaves free, so that one
 * turn's overrun never eats what another one had set aside.
 */
export function coverCharges(charges: readonly EndedCharge[], grants: readonly SpendableGrant[]): Coverage {
  const moves = new Map<GrantId, GrantMove>();
  const fromHolds = charges.map((charge) => {
    for (const share of charge.heldShares) addMove(moves, share.grantId, { unhold: share.millicredits, spend: 0n });
    const held = charge.heldShares.map((share) => ({ grantId: share.grantId, freeMillicredits: share.millicredits }));
    const covered = splitAmount(charge.amountMillicredits, held);
    for (const share of covered.shares) addMove(moves, share.grantId, { unhold: 0n, spend: share.millicredits });
    return covered;
  });
  const covered = charges.map((charge, index) => {
    const own = fromHolds[index] ?? { shares: [], restMillicredits: 0n };
    const overrun = splitAmount(own.restMillicredits, freeAfter(moves, grants, charge));
    for (const share of overrun.shares) addMove(moves, share.grantId, { unhold: 0n, spend: share.millicredits });
    return { shares: mergeShares([...own.shares, ...overrun.shares]), writeoffMillicredits: overrun.restMillicredits };
  });
  return { charges: covered, moves: [...moves.values()] };
}

export function overruns(charge: EndedCharge): boolean {
  return charge.heldShares.reduce((rest, share) => rest - share.millicredits, charge.amountMillicredits) > 0n;
}

function freeAfter(moves: Map<GrantId, GrantMove>, grants: readonly SpendableGrant[], charge: EndedCharge) {
  const own = new Set(charge.heldShares.map((share) => share.grantId));
  return grants
    .filter((grant) => own.has(grant.grantId) || isLive(grant, charge.at))
    .map((grant) => {
      const move = moves.get(grant.grantId);
      const moved = move === undefined ? 0n : move.unholdMillicredits - move.spendMillicredits;
      return { grantId: grant.grantId, freeMillicredits: grant.freeMillicredits + moved };
    });
}

function isLive(grant: SpendableGrant, at: Date): boolean {
  return grant.effectiveAt <= at && (grant.expiresAt === null || at < grant.expiresAt);
}

function addMove(moves: Map<GrantId, GrantMove>, grantId: GrantId, by: { unhold: bigint; spend: bigint }): void {
  const move = moves.get(grantId) ?? { grantId, unholdMillicredits: 0n, spendMillicredits: 0n };
  moves.set(grantId, {
    grantId,
    unholdMillicredits: move.unholdMillicredits + by.unhold,
    spendMillicredits: move.spendMillicredits + by.spend,
  });
}

/** One entry per grant, also when its hold and its free rest both paid. */
function mergeShares(shares: readonly GrantShare[]): GrantShare[] {
  const merged = new Map<GrantId, bigint>();
  for (const { grantId, millicredits } of shares) merged.set(grantId, (merged.get(grantId) ?? 0n) + millicredits);
  return [...merged].map(([grantId, millicredits]) => ({ grantId, millicredits }));
}
