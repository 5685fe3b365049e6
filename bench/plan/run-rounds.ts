import { cellGoals } from '../goals/cell-goals.ts';
import { goalTable } from '../goals/goal-table.ts';
import { floorTarget, naiveTarget, productTarget, stubTarget } from '../load/load-target.ts';
import { processCost } from '../load/process-cost.ts';
import { cellTable, ratiosOf, ratioTable } from './bench-report.ts';
import { type BenchRun, startModel, writeResult } from './bench-run.ts';
import { type Measured, measureRounds } from './measure-rounds.ts';
import { type ModelUser, startFloor, startNaive } from './start-companions.ts';
import { NAMESPACE, type Product, startProduct } from './start-product.ts';
import { tell } from './tell.ts';

/** Plans steady and slow: product, naive program and bare model side by side. */
export async function runRounds(run: BenchRun): Promise<boolean> {
  const { plan, options } = run;
  const { measured, product } = await startAll(run);
  const idle = product === null ? null : await processCost(product.pids, { withMemory: true });
  const cells = await measureRounds({
    measured,
    concurrencies: options.cells ?? plan.concurrencies,
    roundCount: options.rounds,
    roundMs: 1000 * options.seconds,
    tell,
  });
  const goals = cellGoals(run.name, cells);
  tell(`\n${cellTable(cells)}\n\n${ratioTable(ratiosOf(cells))}\n\n${goalTable(goals, options.server)}`);
  if (idle?.pssKib != null) tell(`product, all processes, memory (PSS): ${Math.round(idle.pssKib / 1024)} MiB`);
  await writeResult(run, { idle, cells, ratios: ratiosOf(cells), goals });
  return cells.every((cell) => cell.voidBecause === null);
}

async function startAll(run: BenchRun): Promise<{ measured: Measured[]; product: Product | null }> {
  const { options } = run;
  const { user, pids } = await startModel(run);
  const product = options.targets.includes('product') ? await startProduct(user) : null;
  const naive = options.targets.includes('naive') ? await startNaive(user, naiveDatabaseUrl(run, product)) : null;
  const floor = options.targets.includes('floor') ? await startFloorBeside(user, product) : null;
  const measured = options.wires.flatMap((wire): Measured[] => {
    const each: Measured[] = [{ target: stubTarget({ url: user.modelUrl, model: user.model, wire }), pids }];
    if (naive !== null) {
      // With its share of the database server, which idles for the product meanwhile.
      const naivePids = [...naive.pids, ...(product?.postgresPid ? [product.postgresPid] : [])];
      each.push({ target: naiveTarget({ url: naive.url, wire }), pids: naivePids });
    }
    // It shows nothing before its end, so a stream of it has nothing to tell.
    if (floor !== null && wire === 'json') each.push(floor);
    if (product !== null) {
      const target = productTarget({ url: product.url, businessId: options.business, wire });
      each.push({ target, pids: product.pids });
    }
    return each;
  });
  return { measured, product };
}

/** With its share of the server, and of the database where that keeps its state in it. */
async function startFloorBeside(user: ModelUser, product: Product | null): Promise<Measured> {
  if (product === null)
    throw new Error('The floor stands on the Temporal server of the product: --targets floor,product');
  const { temporalAddress, parts } = product;
  const { url, pids } = await startFloor(user, { address: temporalAddress, namespace: NAMESPACE });
  const state = user.server === 'postgres' ? [parts.postgres] : [];
  return { target: floorTarget({ url }), pids: [...pids, parts.temporal, ...state] };
}

function naiveDatabaseUrl({ options }: BenchRun, product: Product | null): string {
  const given = options.databaseUrl ?? product?.ownerUrl;
  if (given === undefined) throw new Error('Without the product the naive program needs --database-url.');
  const url = new URL(given);
  url.pathname = '/bench_naive';
  return url.href;
}
