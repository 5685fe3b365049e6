import { describe, expect, it } from 'vitest';

import { LlmFailure, readFailure } from './llm-failure.ts';

function refusal(status: number, retryAfter?: string): Error {
  const headers = new Headers(retryAfter === undefined ? {} : { 'retry-after': retryAfter });
  return Object.assign(new Error('refused'), { status, headers });
}

describe('what a model server answers has a name', () => {
  it.each([
    [429, 'model-rate-limited', false],
    [503, 'model-unavailable', false],
    [500, 'model-unavailable', false],
    [408, 'model-unavailable', false],
    [400, 'model-rejected', true],
    [401, 'model-rejected', true],
    [404, 'model-rejected', true],
    [422, 'model-rejected', true],
  ])('status %i is %s', (status, slug, isHopeless) => {
    expect(readFailure(refusal(status))).toMatchObject({ slug, isHopeless });
  });
});

describe('what breaks below HTTP has a name as well', () => {
  it.each([
    [new TypeError('terminated'), 'model-cut'],
    [new Error('other side closed'), 'model-cut'],
    [new Error('Premature close'), 'model-cut'],
    [new Error('Request was aborted.'), 'model-cut'],
    [new SyntaxError('Unexpected token < in JSON'), 'model-malformed'],
    [new Error('could not parse'), 'model-malformed'],
    [new Error('connect ECONNREFUSED'), 'model-unavailable'],
    ['no error at all', 'model-unavailable'],
    [Object.assign(new Error('odd'), { status: 'nine' }), 'model-unavailable'],
  ])('%s is %s', (error, slug) => {
    expect(readFailure(error)).toMatchObject({ slug, retryAfterMs: null });
  });
});

describe('a server may say how long it wants to rest', () => {
  it.each([
    ['7', 7000],
    ['0', 0],
    ['-1', null],
    ['NaN', null],
    ['1.5', null],
    ['99999999', null],
    ['Wed, 21 Oct 2026 07:28:00 GMT', null],
  ])('Retry-After %j', (header, retryAfterMs) => {
    expect(readFailure(refusal(429, header)).retryAfterMs).toBe(retryAfterMs);
    expect(readFailure(refusal(503, header)).retryAfterMs).toBe(retryAfterMs);
  });

  it('without the header it wants nothing', () => {
    expect(readFailure(refusal(429)).retryAfterMs).toBeNull();
    expect(readFailure(Object.assign(new Error('x'), { status: 429 })).retryAfterMs).toBeNull();
  });
});

it('a failure that has its name keeps it, and every other one keeps its cause', () => {
  const named = new LlmFailure('model-empty');
  expect(readFailure(named)).toBe(named);
  const error = new Error('terminated');
  expect(readFailure(error).cause).toBe(error);
});
