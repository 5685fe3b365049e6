/** `npm run bench [-- plan]`: what Bob is measured with, beside something else of the same run; see README.md. */
import { chmod, mkdtemp, rm } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { runCrash } from './crash/run-crash.ts';
import { runIdle } from './idle/run-idle.ts';
import type { BenchRun } from './plan/bench-run.ts';
import { readOptions, runLimitMs } from './plan/read-options.ts';
import { runHistory } from './plan/run-history.ts';
import { runRounds } from './plan/run-rounds.ts';
import { tell } from './plan/tell.ts';
import { runProfile } from './profile/run-profile.ts';

const RUNS = { rounds: runRounds, history: runHistory, idle: runIdle, crash: runCrash, profile: runProfile };

async function main(): Promise<void> {
  const { name, plan, options } = readOptions(process.argv.slice(2));
  const folder = await mkdtemp(join(tmpdir(), 'bob-bench-'));
  // A database server that runs as another user must be able to reach its data.
  await chmod(folder, 0o755);
  const run: BenchRun = { name, folder, plan, options, started: [] };
  stopInTime(run);
  try {
    const machine = `${availableParallelism()} cores, load average ${showLoad()}`;
    tell(`plan ${name}: model ${plan.model}, Temporal on ${options.server}, ${machine}`);
    process.exitCode = (await RUNS[plan.kind](run)) ? 0 : 1;
    tell(`load average at the end ${showLoad()}`);
  } finally {
    await cleanUp(run);
  }
}

async function cleanUp({ started, folder }: BenchRun): Promise<void> {
  // Last started, first stopped: nobody loses what it stands on.
  // Taken one by one, so that what a plan starts meanwhile is stopped too.
  for (let program = started.pop(); program !== undefined; program = started.pop()) await program.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

/** Ctrl-C, and a limit for the whole: nothing of this run outlives it. */
function stopInTime(run: BenchRun): void {
  const limitMs = runLimitMs(run.plan, run.options);
  let isStopping = false;
  // A terminal, npm and `timeout` each pass a signal on: the second of the same press must not end us before the rest.
  const stop = (code: number) => (): void => {
    if (isStopping) return;
    isStopping = true;
    void cleanUp(run).finally(() => process.exit(code));
  };
  process.on('SIGINT', stop(130)).on('SIGTERM', stop(143)).on('SIGHUP', stop(129));
  setTimeout(() => {
    process.stderr.write(`The run took longer than ${Math.round(limitMs / 1000)} s.\n`);
    stop(1)();
  }, limitMs).unref();
}

function showLoad(): string {
  return loadavg()
    .map((each) => each.toFixed(2))
    .join(' ');
}

try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
}
