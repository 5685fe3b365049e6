import { expect, test } from 'vitest';

import { PROBLEMS } from '#contract/problems.ts';

import { PROBLEM_PAGES } from './pages.ts';

test('each problem has a page that says what happened and what to do', () => {
  expect(Object.keys(PROBLEM_PAGES).toSorted()).toEqual(Object.keys(PROBLEMS).toSorted());
  for (const { meaning, remedy } of Object.values(PROBLEM_PAGES)) {
    expect(meaning).toMatch(/^[A-Z].+\.$/);
    expect(remedy).toMatch(/^[A-Z].+\.$/);
  }
});

test('slugs are words with hyphens, and statuses are errors', () => {
  for (const [slug, { status }] of Object.entries(PROBLEMS)) {
    expect(slug).toMatch(/^[a-z]+(-[a-z]+)*$/);
    expect(status).toBeGreaterThanOrEqual(400);
  }
});
