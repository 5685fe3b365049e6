import { describe, expect, test } from 'vitest';

import { judge, type DeliveryHistory, type FailureCode, type OurFault, type SendResult } from './verdict.ts';

const FIRST: DeliveryHistory = {
  schedule: 'standard',
  tries: 0,
  throttles: 0,
  once: false,
  at: new Date('2027-01-05T09:00:00.000Z'),
  random: 0,
};

function answered(status: number, retryAfter: string | null = null): SendResult {
  return { kind: 'answered', status, retryAfter };
}

describe('each row of the verdict table', () => {
  test.each([200, 201, 202, 204, 299])('%i delivers', (status) => {
    expect(judge(answered(status), FIRST)).toEqual({
      state: 'delivered',
      counted: true,
      errorCode: null,
      waitMs: 0,
      lane: { kind: 'success' },
    });
  });

  test.each([
    [301, 'redirect', false],
    [302, 'redirect', false],
    [308, 'redirect', false],
    [400, 'http_400', false],
    [401, 'http_401', false],
    [404, 'http_404', false],
    [500, 'http_500', false],
    [502, 'http_502', true],
    [503, 'http_503', true],
    [504, 'http_504', true],
  ])('%i counts as %s and is tried again; overloaded: %s', (status, errorCode, overloaded) => {
    expect(judge(answered(status), FIRST)).toEqual({
      state: 'pending',
      counted: true,
      errorCode,
      waitMs: 5000,
      lane: { kind: 'failure', overloaded },
    });
  });

  test('410 counts and ends the endpoint', () => {
    expect(judge(answered(410), FIRST)).toMatchObject({ counted: true, state: 'pending', lane: { kind: 'gone' } });
  });

  test('429 parks the lane and counts nothing', () => {
    expect(judge(answered(429, '60'), FIRST)).toEqual({
      state: 'pending',
      counted: false,
      errorCode: 'http_429',
      waitMs: 60_000,
      lane: { kind: 'park', parkMs: 60_000 },
    });
    expect(judge(answered(429, 'soon'), { ...FIRST, tries: 1 })).toMatchObject({ waitMs: 300_000, counted: false });
    expect(judge(answered(429), { ...FIRST, schedule: 'none' })).toMatchObject({ waitMs: 30_000, counted: false });
  });

  test('429 counts after a hundred of them', () => {
    const verdict = judge(answered(429), { ...FIRST, throttles: 100 });
    expect(verdict).toMatchObject({ counted: true, state: 'pending', lane: { kind: 'park', parkMs: 5000 } });
  });

  test.each<[FailureCode, boolean]>([
    ['timeout', true],
    ['dns', false],
    ['refused', false],
    ['reset', false],
    ['tls', false],
    ['protocol', false],
    ['header_overflow', false],
    ['blocked_address', false],
  ])('%s counts; overloaded: %s', (code, overloaded) => {
    expect(judge({ kind: 'failed', code }, FIRST)).toEqual({
      state: 'pending',
      counted: true,
      errorCode: code,
      waitMs: 5000,
      lane: { kind: 'failure', overloaded },
    });
  });

  test.each<OurFault>(['resolver_unavailable', 'network_unavailable', 'no_resources', 'signing_key_missing'])(
    '%s is ours: not counted, the lane waits from 30 s to 10 min',
    (code) => {
      const parkOf = (throttles: number) => judge({ kind: 'failed', code }, { ...FIRST, throttles }).waitMs;
      expect([0, 1, 2, 5, 99].map(parkOf)).toEqual([30_000, 60_000, 120_000, 600_000, 600_000]);
      expect(judge({ kind: 'failed', code }, FIRST)).toMatchObject({ counted: false, lane: { kind: 'park' } });
      expect(judge({ kind: 'failed', code }, { ...FIRST, throttles: 100 })).toMatchObject({ counted: true });
    },
  );
});

test('the last failure of the schedule exhausts', () => {
  expect(judge(answered(500), { ...FIRST, tries: 8 })).toMatchObject({ state: 'pending', waitMs: 86_400_000 });
  expect(judge(answered(500), { ...FIRST, tries: 9 })).toMatchObject({ state: 'exhausted', counted: true, waitMs: 0 });
});

test('what a person asked for is tried once', () => {
  for (const status of [500, 429]) {
    expect(judge(answered(status), { ...FIRST, once: true })).toMatchObject({ state: 'exhausted', counted: true });
  }
});

test('Retry-After on a failure puts the next try off, never brings it nearer', () => {
  expect(judge(answered(503, '3600'), FIRST)).toMatchObject({ counted: true, waitMs: 3_600_000 });
  expect(judge(answered(503, '1'), FIRST)).toMatchObject({ waitMs: 5000 });
});
