import { expect, it } from 'vitest';

import { WAIVED_REASONS } from '../usage.ts';
import type { ReleaseReason } from '../usage.ts';
import { waiveCalls } from './waive-calls.ts';

const REASONS: readonly ReleaseReason[] = [
  'refused',
  'blocked',
  'failed',
  'superseded',
  'withheld',
  'suppressed',
  'credit_stopped',
];

const call = {
  step: 'answer',
  attempt: 1,
  sku: 'model:bob/bob-offline',
  provider: 'bob',
  model: 'bob-offline',
  providerRequestId: null,
  pools: { input: 1, cachedInput: 0, cacheWrite: 0, output: 1 },
  reasoningTokens: 0,
  estimated: false,
  waived: null,
};

it.each(REASONS)('every call of a turn released as %s is waived', (reason) => {
  const [waived] = waiveCalls([call], reason);
  expect(WAIVED_REASONS).toContain(waived?.waived);
});

it('a call keeps the reason it already had', () => {
  expect(waiveCalls([{ ...call, waived: 'lost_attempt' }], 'blocked')).toMatchObject([{ waived: 'lost_attempt' }]);
});
