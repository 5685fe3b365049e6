/** `npm run bench [-- plan]`: product, naive program and bare model in one run, compared by ratios; see README.md. */
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { availableParallelism, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { naiveTarget, productTarget, stubTarget } from './load/load-target.ts';
import { processCost } from './load/process-cost.ts';
import { type BenchPlan, benchPlan } from './plan/bench-plan.ts';
import { cellTable, ratiosOf, ratioTable } from './plan/bench-report.ts';
import { type Cell, type Measured, measureRounds } from './plan/measure-rounds.ts';
import type { Program } from './plan/program.ts';
import { startNaive, startStub } from './plan/start-companions.ts';
import { type Product, startProduct } from './plan/start-product.ts';

const ROOT = join(import.meta.dirname, '..');
const SET_UP_MAX_MS = 150_000;

interface Run {
  folder: string;
  plan: BenchPlan;
  options: Options;
  /** Every program of this run, in the order of their start. */
  started: Program[];
}

type Options = ReturnType<typeof readOptions>['values'];

function readOptions() {
  return parseArgs({
    allowPositionals: true,
    options: {
      rounds: { type: 'string', default: '5' },
      seconds: { type: 'string', default: '3' },
      business: { type: 'string', default: 'demo' },
      targets: { type: 'string', default: 'stub,naive,product' },
      // Where the naive program keeps its tables when the product is not measured.
      'database-url': { type: 'string' },
    },
  });
}

async function startAll(run: Run): Promise<{ measured: Measured[]; product: Product | null }> {
  const { folder, plan, options, started } = run;
  const names = options.targets.split(',');
  const around = { root: ROOT, folder, started };
  const stub = await startStub(around);
  const modelUser = { ...around, modelUrl: stub.url, model: plan.model };
  const product = names.includes('product') ? await startProduct(modelUser) : null;
  const measured: Measured[] = [{ target: stubTarget({ url: stub.url, model: plan.model }), pids: stub.pids }];
  if (names.includes('naive')) {
    const naive = await startNaive(modelUser, naiveDatabaseUrl(options, product));
    // With its share of the database server, which idles for the product meanwhile.
    const pids = [...naive.pids, ...(product?.postgresPid ? [product.postgresPid] : [])];
    measured.push({ target: naiveTarget({ url: naive.url }), pids });
  }
  if (product !== null) {
    measured.push({ target: productTarget({ url: product.url, businessId: options.business }), pids: product.pids });
  }
  return { measured, product };
}

function naiveDatabaseUrl(options: Options, product: Product | null): string {
  const given = options['database-url'] ?? product?.ownerUrl;
  if (given === undefined) throw new Error('Without the product the naive program needs --database-url.');
  const url = new URL(given);
  url.pathname = '/bench_naive';
  return url.href;
}

async function measureAll(run: Run, name: string): Promise<boolean> {
  const { plan, options } = run;
  tell(`plan ${name}: model ${plan.model}, ${availableParallelism()} cores, load average ${showLoad()}`);
  const { measured, product } = await startAll(run);
  const idle = product === null ? null : await processCost(product.pids, { withMemory: true });
  const cells = await measureRounds({
    measured,
    concurrencies: plan.concurrencies,
    roundCount: Number(options.rounds),
    roundMs: 1000 * Number(options.seconds),
    tell,
  });
  tell(`load average at the end ${showLoad()}`);
  tell(`\n${cellTable(cells)}\n\n${ratioTable(ratiosOf(cells))}`);
  if (idle?.pssKib != null) tell(`product, all processes, memory (PSS): ${Math.round(idle.pssKib / 1024)} MiB`);
  tell(`written to ${await writeResult({ name, plan, options, idle, cells })}`);
  return cells.every((cell) => cell.voidBecause === null);
}

async function writeResult(result: { name: string; cells: readonly Cell[]; [more: string]: unknown }): Promise<string> {
  const folder = join(ROOT, 'bench/results');
  await mkdir(folder, { recursive: true });
  const startedAt = new Date(performance.timeOrigin).toISOString();
  const path = join(folder, `${result.name}-${startedAt.replaceAll(':', '-')}.json`);
  const machine = { cores: availableParallelism(), loadAverage: loadavg(), node: process.version };
  await writeFile(path, JSON.stringify({ startedAt, machine, ...result, ratios: ratiosOf(result.cells) }, null, 2));
  return path;
}

async function cleanUp({ started, folder }: Run): Promise<void> {
  // Last started, first stopped: nobody loses what it stands on.
  for (const program of started.splice(0).toReversed()) await program.stop();
  await rm(folder, { recursive: true, force: true, maxRetries: 3 });
}

async function main(): Promise<void> {
  const { values: options, positionals } = readOptions();
  const name = positionals[0] ?? 'steady';
  const plan = benchPlan(name);
  const folder = await mkdtemp(join(tmpdir(), 'bob-bench-'));
  // A database server that runs as another user must be able to reach its data.
  await chmod(folder, 0o755);
  const run: Run = { folder, plan, options, started: [] };
  stopInTime(run);
  try {
    process.exitCode = (await measureAll(run, name)) ? 0 : 1;
  } finally {
    await cleanUp(run);
  }
}

/** Ctrl-C, and a limit for the whole: nothing of this run outlives it. */
function stopInTime(run: Run): void {
  const { plan, options } = run;
  const cellCount = plan.concurrencies.length * options.targets.split(',').length;
  const limitMs = SET_UP_MAX_MS + 2 * cellCount * 1000 * (1 + Number(options.rounds) * Number(options.seconds));
  const stop = (code: number) => (): void => void cleanUp(run).finally(() => process.exit(code));
  process.once('SIGINT', stop(130)).once('SIGTERM', stop(143)).once('SIGHUP', stop(129));
  setTimeout(() => {
    process.stderr.write(`The run took longer than ${Math.round(limitMs / 1000)} s.\n`);
    stop(1)();
  }, limitMs).unref();
}

function tell(line: string): void {
  process.stdout.write(`${line}\n`);
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
