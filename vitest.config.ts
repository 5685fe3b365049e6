import { defineConfig } from 'vitest/config';

const GUARD = ['test/setup/socket-guard.ts'];
const SERVERS = ['test/setup/global-setup.ts'];
const SOURCES = '{activities,api,bench,bin,contract,domain,migrations,models,platform,tools}';

/**
 * One project per kind of test, from cheap to dear. Only `database` and `journeys` start servers; `npm run test:unit`
 * names the two that need nothing.
 */
export default defineConfig({
  test: {
    pool: 'forks',
    maxWorkers: 2,
    passWithNoTests: true,
    testTimeout: 15_000,
    hookTimeout: 30_000,
    // The default of a second is missed by a machine that does three other things.
    expect: { poll: { timeout: 10_000 } },
    coverage: {
      provider: 'v8',
      include: ['domain/**/*.ts', 'models/credit-ledger/**/*.ts'],
      exclude: ['**/*.{test,fixture}.ts'],
      reporter: [['text', { skipFull: true }]],
      reportOnFailure: true,
      thresholds: { 'domain/**': { branches: 95 }, 'models/credit-ledger/**': { branches: 95 } },
    },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: [`${SOURCES}/**/*.test.ts`], exclude: ['**/*.db.test.ts'], setupFiles: GUARD },
      },
      {
        extends: true,
        test: {
          name: 'workflow',
          include: ['workflows/**/*.test.ts', 'test/workflows/**/*.test.ts'],
          setupFiles: GUARD,
          testTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'database',
          include: [`${SOURCES}/**/*.db.test.ts`, 'test/contracts/**/*.test.ts', 'test/security/*.db.test.ts'],
          globalSetup: SERVERS,
          setupFiles: GUARD,
          testTimeout: 30_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'journeys',
          include: ['test/{chaos,embedded,journeys,security}/**/*.test.ts'],
          exclude: ['**/*.db.test.ts'],
          globalSetup: SERVERS,
          setupFiles: GUARD,
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      { extends: true, test: { name: 'house', include: ['test/tidy.test.ts', 'test/setup/*.test.ts'] } },
      {
        extends: true,
        test: { name: 'gates', include: ['test/gates/**/*.test.ts'], globalSetup: SERVERS, testTimeout: 60_000 },
      },
    ],
  },
});
