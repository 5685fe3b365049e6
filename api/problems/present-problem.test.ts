import { expect, it } from 'vitest';

import { Problem } from '#contract/problems.ts';

import { problemOf } from './present-problem.ts';

function databaseError(code: string): Error {
  return Object.assign(new Error('select 1'), { code });
}

it.each(['57P01', '57014', '55P03', '40P01', '40001', '53100', 'ECONNREFUSED'])(
  'a database that fails with %s for a moment is a refusal that says when to come back',
  (code) => {
    const problem = problemOf(databaseError(code));
    expect(problem).toMatchObject({ slug: 'unavailable', status: 503, headers: { 'Retry-After': '2' } });
  },
);

it('what nobody expected is our fault, and tells nothing', () => {
  const problem = problemOf(databaseError('23505'));
  expect(problem).toMatchObject({ slug: 'internal', status: 500 });
  expect(problem.message).not.toContain('select');
});

it('a problem stays what it is', () => {
  const problem = new Problem('session-busy', { detail: 'busy' });
  expect(problemOf(problem)).toBe(problem);
});
