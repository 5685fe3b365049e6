import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { coverCharges, overruns } from './cover-charges.ts';
import type { EndedCharge } from './cover-charges.ts';
import { chargeEntries } from './ledger-entries.ts';
import type { GrantId } from './split-amount.ts';

const AT = new Date('2026-03-10T12:00:00.000Z');
const GRANTS: readonly GrantId[] = ['grt_a', 'grt_b', 'grt_c'];
const amount = fc.bigInt({ min: 0n, max: 500n });

const charge = fc.record({
  held: fc.tuple(amount, amount, amount),
  amountMillicredits: fc.bigInt({ min: 0n, max: 2_000n }),
});

function ended({ held, amountMillicredits }: { held: bigint[]; amountMillicredits: bigint }): EndedCharge {
  const heldShares = GRANTS.map((grantId, index) => ({ grantId, millicredits: held[index] ?? 0n }));
  return { heldShares: heldShares.filter((share) => share.millicredits > 0n), amountMillicredits, at: AT };
}

const spendable = (grantId: GrantId, freeMillicredits: bigint, expiresAt: Date | null = null) => ({
  grantId,
  freeMillicredits,
  effectiveAt: AT,
  expiresAt,
});

describe('covering the charges of a pass', () => {
  it('spends every charge exactly, and no grant gives more than it freed and had free', () => {
    fc.assert(
      fc.property(fc.array(charge, { maxLength: 6 }), fc.tuple(amount, amount, amount), (inputs, frees) => {
        const charges = inputs.map(ended);
        const coverage = coverCharges(
          charges,
          GRANTS.map((grantId, index) => spendable(grantId, frees[index] ?? 0n)),
        );
        for (const [index, covered] of coverage.charges.entries()) {
          const spent = covered.shares.reduce((sum, share) => sum + share.millicredits, covered.writeoffMillicredits);
          expect(spent).toBe(charges[index]?.amountMillicredits);
          const entries = chargeEntries(covered);
          expect(entries.reduce((sum, entry) => sum + entry.amountMillicredits, 0n)).toBe(0n);
          expect(entries.every((entry) => entry.amountMillicredits !== 0n)).toBe(true);
        }
        for (const move of coverage.moves) {
          const free = frees[GRANTS.indexOf(move.grantId)] ?? 0n;
          expect(move.spendMillicredits <= move.unholdMillicredits + free).toBe(true);
        }
      }),
    );
  });

  it('gives back every hold of the pass, whatever was charged', () => {
    fc.assert(
      fc.property(fc.array(charge, { maxLength: 6 }), (inputs) => {
        const charges = inputs.map(ended);
        const { moves } = coverCharges(charges, []);
        const held = charges.flatMap((each) => each.heldShares).reduce((sum, share) => sum + share.millicredits, 0n);
        expect(moves.reduce((sum, move) => sum + move.unholdMillicredits, 0n)).toBe(held);
      }),
    );
  });

  it('writes nothing off while the pass leaves something free', () => {
    fc.assert(
      fc.property(fc.array(charge, { maxLength: 6 }), fc.tuple(amount, amount, amount), (inputs, frees) => {
        const charges = inputs.map(ended);
        const grants = GRANTS.map((grantId, index) => spendable(grantId, frees[index] ?? 0n));
        const { charges: covered, moves } = coverCharges(charges, grants);
        const writeoff = covered.reduce((sum, each) => sum + each.writeoffMillicredits, 0n);
        const left = moves.reduce(
          (sum, move) => sum + move.unholdMillicredits - move.spendMillicredits,
          frees.reduce((sum, free) => sum + free, 0n),
        );
        expect(writeoff === 0n || left === 0n).toBe(true);
      }),
    );
  });

  it('a grant past its end pays for its own holds, not for those of others', () => {
    const over = spendable('grt_a', 1_000n, AT);
    const own = { heldShares: [{ grantId: 'grt_a', millicredits: 10n } as const], amountMillicredits: 50n, at: AT };
    const foreign = { heldShares: [], amountMillicredits: 50n, at: AT };
    const { charges } = coverCharges([own, foreign], [over]);
    expect(charges.map((each) => each.writeoffMillicredits)).toEqual([0n, 50n]);
  });

  it('a grant that has not begun pays for nothing', () => {
    const later = { ...spendable('grt_a', 100n), effectiveAt: new Date(AT.getTime() + 1) };
    const { charges } = coverCharges([{ heldShares: [], amountMillicredits: 50n, at: AT }], [later]);
    expect(charges[0]?.writeoffMillicredits).toBe(50n);
  });
});

it('a charge overruns when it costs more than it holds', () => {
  const heldShares = [{ grantId: 'grt_a', millicredits: 10n } as const];
  expect(overruns({ heldShares, amountMillicredits: 10n, at: AT })).toBe(false);
  expect(overruns({ heldShares, amountMillicredits: 11n, at: AT })).toBe(true);
});
