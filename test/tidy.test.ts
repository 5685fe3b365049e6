import { existsSync, readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';

import { expect, it } from 'vitest';

import { PROBLEM_PAGES, type ProblemPage } from '../api/problems/pages.ts';
import { PROBLEMS } from '#contract/problems.ts';
import { EnvSchema } from '#platform/env.ts';

import { describedVariables, medianLines, stopsOf } from './tidy/document-rules.ts';
import { lineFaults, sqlFaults } from './tidy/line-rules.ts';
import { sourceFiles } from './tidy/source-files.ts';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
const MEDIAN_MAX = 70;
/** Read by the test set-up and by bin/prepare.mjs, before there is a schema. */
const OUTSIDE_THE_SCHEMA = [
  'BOB_TEMPORAL_DOWNLOAD_URL',
  'TEST_DATABASE_URL',
  'TEST_TEMPORAL_ADDRESS',
  'CHROMIUM_PATH',
  'BROWSER_TESTS',
  'LONG_CALL_MS',
  'CORPORA_DIR',
  'SEEDS_DIR',
];

const files = sourceFiles(ROOT);

function document(path: string): string {
  return readFileSync(`${ROOT}${path}`, 'utf8');
}

it('the project is found at all', () => {
  expect(files.map((file) => file.path)).toContain('test/tidy.test.ts');
});

it('time, SQL and lines keep to their places', () => {
  expect(files.flatMap((file) => [...lineFaults(file), ...sqlFaults(file)])).toEqual([]);
});

it('a source file is short: the median has at most 70 lines', () => {
  const sources = files.filter((file) =>
    /^(api|workflows|activities|models|domain|contract|platform)\//.test(file.path),
  );
  expect(medianLines(sources.map((file) => file.text))).toBeLessThanOrEqual(MEDIAN_MAX);
});

it('every stop of the journey exists', () => {
  const stops = stopsOf(document('docs/JOURNEY.md'));
  expect(stops.length).toBeGreaterThan(10);
  expect(stops.filter((path) => !existsSync(`${ROOT}${path}`))).toEqual([]);
});

it('every variable is described, and every described variable is read', () => {
  const described = describedVariables(document('docs/operate/configuration.md'));
  expect(described.toSorted()).toEqual([...Object.keys(EnvSchema.shape), ...OUTSIDE_THE_SCHEMA].toSorted());
});

it('every problem has a page that says what it means and what to do', () => {
  const pages: Readonly<Record<string, ProblemPage | undefined>> = PROBLEM_PAGES;
  const bare = Object.keys(PROBLEMS).filter((slug) => !pages[slug]?.meaning || !pages[slug].remedy);
  expect(bare).toEqual([]);
});

it('every test file belongs to a project that npm test runs', () => {
  const beside = /^(activities|api|bench|bin|contract|domain|migrations|models|platform|tools|workflows)\//;
  const apart = /^test\/((chaos|contracts|embedded|gates|journeys|security|setup|workflows)\/|tidy\.test\.ts$)/;
  const tests = files.map((file) => file.path).filter((path) => /\.(test|spec)\.[cm]?tsx?$/.test(path));
  expect(tests.filter((path) => !beside.test(path) && !apart.test(path))).toEqual([]);
});
