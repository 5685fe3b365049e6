import { describe, expect, it } from 'vitest';

import { coverEnd, isCharged, isPaid, releaseReasonOf, stopEnd, UNSEEN, withholdEnd } from './ended-turn.ts';
import type { EndedTurn } from './ended-turn.ts';
import { OUTCOMES } from './turn.ts';
import type { ModelCall } from './usage.ts';

it('only delivered words of a model are charged', () => {
  expect(OUTCOMES.filter(isCharged)).toEqual(['answered', 'escalated']);
});

it('every other outcome gives its hold back for a reason of its own kind', () => {
  const free = OUTCOMES.filter((outcome) => !isCharged(outcome));
  expect(Object.fromEntries(free.map((outcome) => [outcome, releaseReasonOf(outcome)]))).toEqual({
    refused: 'refused',
    blocked: 'blocked',
    credit_stopped: 'credit_stopped',
    suppressed_by_human: 'withheld',
    superseded: 'superseded',
    failed: 'failed',
  });
});

it('an answer whose words reached nobody is released as withheld, a hand-off without words as blocked', () => {
  expect(releaseReasonOf('answered')).toBe('withheld');
  expect(releaseReasonOf('escalated')).toBe('blocked');
});

const CALL: ModelCall = {
  step: 'answer',
  attempt: 1,
  sku: 'model:openai/gpt-5-mini',
  provider: 'openai',
  model: 'gpt-5-mini',
  providerRequestId: null,
  pools: { input: 10, cachedInput: 0, cacheWrite: 0, output: 10 },
  reasoningTokens: 0,
  estimated: true,
  waived: null,
};
const ENDED: EndedTurn = {
  ...UNSEEN,
  tenantId: '0195f3a0-0000-7000-8000-000000000001',
  turnId: 'trn_1',
  attempt: 1,
  outcome: 'answered',
  text: 'Up to three [1][2].',
  citations: [1, 2].map((index) => ({ index, sourceId: 'src_1', title: 'Plans', url: null })),
  calls: [CALL],
  retrieval: [],
  ownerEpoch: 0,
  pricebookVersion: 1,
  policyHash: null,
  problem: null,
  modelMs: 1,
};

describe('a stopped answer', () => {
  it('keeps what was shown, with the sources it names, and pays for it', () => {
    const shown = 'Up to three [1]';
    const stopped = stopEnd({ ...ENDED, text: null, shown }, shown);
    expect(stopped).toMatchObject({ outcome: 'answered', text: shown, cut: true, citations: [{ index: 1 }] });
    expect(isPaid(stopped)).toBe(true);
  });

  it('of which nothing was shown says nothing and costs nothing, even if it was complete', () => {
    const stopped = stopEnd(ENDED, '');
    expect(stopped).toMatchObject({ outcome: 'answered', text: null, cut: false, citations: [] });
    expect([stopped.calls[0]?.waived, isPaid(stopped)]).toEqual(['withheld', false]);
  });

  it('that was shown to its end is whole: the stop came too late', () => {
    expect(stopEnd({ ...ENDED, shown: ENDED.text ?? '' }, ENDED.text ?? '')).toMatchObject({
      cut: false,
      citations: [{}, {}],
    });
  });

  it('keeps the words of an earlier try without a charge', () => {
    const stopped = stopEnd({ ...ENDED, text: null, calls: [] }, 'Up to');
    expect([stopped.text, stopped.cut, isPaid(stopped)]).toEqual(['Up to', true, false]);
  });
});

it('what a person or a later turn takes over keeps silent, and each call is waived for that reason', () => {
  const withheld = withholdEnd({ ...ENDED, shown: 'Up' });
  expect(withheld).toMatchObject({ outcome: 'suppressed_by_human', text: null, calls: [{ waived: 'withheld' }] });
  const covered = coverEnd(ENDED, 'trn_2');
  expect(covered).toMatchObject({
    outcome: 'superseded',
    text: null,
    coveredBy: 'trn_2',
    calls: [{ waived: 'superseded' }],
  });
  expect([isPaid(withheld), isPaid(covered)]).toEqual([false, false]);
});
