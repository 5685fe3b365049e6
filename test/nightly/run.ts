/** `npm run test:nightly`: what takes too long for `npm test`, one after the other, each with an end of its own. */
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { FAULT_IDS } from '../chaos/faults/index.ts';

const ROOT = fileURLToPath(new URL('../..', import.meta.url));
const USAGE = `usage: npm run test:nightly -- [--only fuzz] [--seed 7]

--only runs the steps whose name begins so: chaos, chaos F2, fuzz, long call, bench, bench idle.
`;
const MINUTE_MS = 60_000;
/** After SIGTERM a step stops what it started. */
const GRACE_MS = 30_000;

interface Step {
  name: string;
  program: readonly string[];
  limitMs: number;
  /** Variables of this step alone, each as NAME=value. */
  set?: readonly string[];
}

const VITEST = 'node_modules/vitest/vitest.mjs';

function stepsOf(seed: string): Step[] {
  return [
    ...FAULT_IDS.map((fault) => ({
      name: `chaos ${fault}`,
      program: ['test/chaos/run.ts', '--fault', fault, '--seed', seed],
      limitMs: 12 * MINUTE_MS,
    })),
    { name: 'fuzz', program: ['test/fuzz/run.ts', '--minutes', '30', '--seed', seed], limitMs: 45 * MINUTE_MS },
    {
      name: 'long call',
      program: [VITEST, 'run', '--project', 'journeys', 'test/journeys/long-call.test.ts'],
      limitMs: 6 * MINUTE_MS,
      set: [`LONG_CALL_MS=${MINUTE_MS}`],
    },
    { name: 'bench crash', program: ['bench/run.ts', 'crash'], limitMs: 20 * MINUTE_MS },
    {
      name: 'bench idle',
      program: ['bench/run.ts', 'idle', '--sessions', '10000,100000'],
      limitMs: 4 * 60 * MINUTE_MS,
    },
  ];
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: { only: { type: 'string', default: '' }, seed: { type: 'string', default: '7' } },
  });
  const steps = stepsOf(values.seed).filter(({ name }) => name.startsWith(values.only));
  if (steps.length === 0) {
    process.stderr.write(USAGE);
    return 2;
  }
  const ends: string[] = [];
  let failed = 0;
  for (const step of steps) {
    process.stderr.write(`== ${step.name}\n`);
    const end = await runStep(step);
    if (end === 'interrupted') return 2;
    if (end !== 'passed') failed += 1;
    ends.push(`${step.name}: ${end}`);
  }
  process.stdout.write(
    `${ends.join('\n')}\n${failed === 0 ? 'all passed' : `${failed} of ${steps.length} did not pass`}\n`,
  );
  return failed === 0 ? 0 : 1;
}

async function runStep({ program, limitMs, set = [] }: Step): Promise<string> {
  const args = [...set, process.execPath, ...program];
  const child = spawn('env', args, { cwd: ROOT, stdio: ['ignore', 'inherit', 'inherit'] });
  let late = false;
  const limit = setTimeout(() => {
    late = true;
    child.kill('SIGTERM');
  }, limitMs);
  const last = setTimeout(() => child.kill('SIGKILL'), limitMs + GRACE_MS);
  let interrupted = false;
  const interrupt = (): void => {
    interrupted = true;
    child.kill('SIGTERM');
  };
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  await once(child, 'close');
  process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  clearTimeout(limit);
  clearTimeout(last);
  if (interrupted) return 'interrupted';
  if (late) return 'took too long';
  // As chaos and fuzz say it: 1 is a finding, 2 could not be run.
  return child.exitCode === 0 ? 'passed' : `NOT PASSED (exit ${child.exitCode ?? 'by a signal'})`;
}

process.exitCode = await main();
