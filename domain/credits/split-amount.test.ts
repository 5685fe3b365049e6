import fc from 'fast-check';
import { expect, it } from 'vitest';

import { splitAmount } from './split-amount.ts';

const grants = fc
  .array(fc.bigInt({ min: 0n, max: 1_000n }), { maxLength: 6 })
  .map((frees) => frees.map((freeMillicredits, index) => ({ grantId: `grt_${index}` as const, freeMillicredits })));

it('shares and rest are exactly the amount, no grant gives more than it has', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 5_000n }), grants, (amount, from) => {
      const { shares, restMillicredits } = splitAmount(amount, from);
      const given = shares.reduce((sum, share) => sum + share.millicredits, 0n);
      expect(given + restMillicredits).toBe(amount);
      for (const share of shares) {
        const grant = from.find(({ grantId }) => grantId === share.grantId);
        expect(share.millicredits > 0n && share.millicredits <= (grant?.freeMillicredits ?? 0n)).toBe(true);
      }
    }),
  );
});

it('a grant is touched only when the ones before it are empty', () => {
  fc.assert(
    fc.property(fc.bigInt({ min: 0n, max: 5_000n }), grants, (amount, from) => {
      const { shares, restMillicredits } = splitAmount(amount, from);
      const withCredits = from.filter((grant) => grant.freeMillicredits > 0n);
      expect(shares.map((share) => share.grantId)).toEqual(
        withCredits.slice(0, shares.length).map((grant) => grant.grantId),
      );
      for (const [index, share] of shares.entries()) {
        const isLast = index === shares.length - 1 && restMillicredits === 0n;
        expect(isLast || share.millicredits === withCredits[index]?.freeMillicredits).toBe(true);
      }
    }),
  );
});
