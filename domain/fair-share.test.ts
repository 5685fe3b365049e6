import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import { allowanceOf, nextShare, SHARE_AT_FIRST, SHARE_MIN, slownessOf } from './fair-share.ts';

const inFlight = fc.array(fc.integer({ min: 0, max: 1000 }), { minLength: 2, maxLength: 20 });
const slowness = fc.double({ min: 0, max: 100, noNaN: true });
const share = fc.double({ min: SHARE_MIN, max: 1000, noNaN: true });

describe('how slow answers are', () => {
  it('is told by the time they wait beyond what a turn costs, and the model has its time', () => {
    expect(slownessOf({ ownMs: 70, modelMs: 0, fastestMs: 40 })).toBe(1);
    expect(slownessOf({ ownMs: 210, modelMs: 0, fastestMs: 40 })).toBe(3);
    expect(slownessOf({ ownMs: 285, modelMs: 500, fastestMs: 40 })).toBe(0.5);
    // A model of a minute excuses no queue of a minute.
    expect(slownessOf({ ownMs: 2140, modelMs: 60_000, fastestMs: 40 })).toBe(2);
  });
});

describe('the share', () => {
  it('shrinks by as much as answers are too slow, to a half at most', () => {
    expect(nextShare({ share: 20, slowness: 1.25, inFlight: [20, 1] })).toBe(16);
    expect(nextShare({ share: 20, slowness: 30, inFlight: [20, 1] })).toBe(10);
  });

  it('grows while they are not, and never beyond twice what is in flight', () => {
    expect(nextShare({ share: 20, slowness: 1, inFlight: [20, 1] })).toBe(20.5);
    expect(nextShare({ share: 20, slowness: 0.1, inFlight: [20, 1] })).toBe(30.5);
    expect(nextShare({ share: 60, slowness: 0.1, inFlight: [20, 1] })).toBe(40);
    expect(nextShare({ share: 60, slowness: 0.1, inFlight: [] })).toBe(SHARE_AT_FIRST);
  });

  it('does not shrink for a tenant that chats alone', () => {
    expect(nextShare({ share: 40, slowness: 30, inFlight: [64] })).toBeGreaterThan(40);
  });

  it('is never less than a machine needs to have something to do', () => {
    fc.assert(
      fc.property(share, slowness, inFlight, (now, slow, turns) => {
        const next = nextShare({ share: now, slowness: slow, inFlight: turns });
        expect(next).toBeGreaterThanOrEqual(SHARE_MIN);
        expect(next).toBeLessThanOrEqual(Math.max(SHARE_AT_FIRST, 2 * Math.max(...turns)));
        if (slow > 1) expect(next).toBeLessThanOrEqual(Math.max(now, SHARE_MIN));
      }),
    );
  });
});

describe('what a tenant may have in flight', () => {
  it('has no bound for one that chats alone', () => {
    expect(allowanceOf({ share: SHARE_MIN, inFlight: [64] })).toBe(Infinity);
    expect(allowanceOf({ share: SHARE_MIN, inFlight: [] })).toBe(Infinity);
  });

  it('holds nobody below the share, and not the least busy one', () => {
    fc.assert(
      fc.property(share, inFlight, (now, turns) => {
        const allowed = allowanceOf({ share: now, inFlight: turns });
        expect(allowed).toBeGreaterThanOrEqual(Math.floor(now));
        expect(allowed).toBeGreaterThan(Math.min(...turns));
      }),
    );
  });

  it('lets tenants that are about as busy as each other be', () => {
    expect(allowanceOf({ share: 2, inFlight: [32, 30] })).toBe(45);
    expect(allowanceOf({ share: 2, inFlight: [32, 30, 1] })).toBe(2);
  });
});
