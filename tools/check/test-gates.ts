import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

import { z } from 'zod';

import type { Gate, GateContext, GateResult } from './gate.ts';
import { runCommand } from './run-command.ts';

const VitestReport = z.object({ numPassedTests: z.number(), numFailedTests: z.number() });

interface VitestRun {
  projects: readonly string[];
  coverage: boolean;
  env: Record<string, string>;
}

/** Runs vitest for all to see, and reads the counts from its own report. */
async function runVitest({ projects, coverage, env }: VitestRun): Promise<GateResult> {
  const folder = await mkdtemp(join(tmpdir(), 'bob-tests-'));
  const report = join(folder, 'report.json');
  try {
    const args = ['run', ...projects.flatMap((name) => ['--project', name]), '--reporter=default', '--reporter=json'];
    args.push(`--outputFile.json=${report}`);
    if (coverage) args.push('--coverage.enabled');
    const { ok, output } = await runCommand({ file: 'vitest', args, env, live: true });
    const counts = VitestReport.parse(JSON.parse(await readFile(report, 'utf8')));
    // A file that does not load, or coverage below its threshold, is red without any failed test.
    const failed = Math.max(counts.numFailedTests, ok ? 0 : 1);
    return { ok, output, tests: { passed: counts.numPassedTests, failed } };
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

async function serverVariables(context: GateContext): Promise<Record<string, string>> {
  const servers = await context.servers();
  return {
    TEST_DATABASE_URL: servers.adminUrl,
    TEST_TEMPORAL_ADDRESS: servers.temporalAddress,
    TEST_DATABASE_PREFIX: servers.databasePrefix,
  };
}

export const testsGate: Gate = {
  name: 'tests',
  async run(context) {
    const projects = ['unit', 'workflow', 'database', ...(context.all ? ['journeys', 'gates'] : [])];
    return runVitest({ projects, coverage: true, env: await serverVariables(context) });
  },
};

export const houseGate: Gate = {
  name: 'house',
  run: () => runVitest({ projects: ['house'], coverage: false, env: {} }),
};
