import { cellGoals } from '../goals/cell-goals.ts';
import { goalTable } from '../goals/goal-table.ts';
import { naiveTarget, productTarget, stubTarget } from '../load/load-target.ts';
import { processCost } from '../load/process-cost.ts';
import { cellTable, ratiosOf, ratioTable } from './bench-report.ts';
import { type BenchRun, startModel, tell, writeResult } from './bench-run.ts';
import { type Measured, measureRounds } from './measure-rounds.ts';
import { startNaive } from './start-companions.ts';
import { type Product, startProduct } from './start-product.ts';

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
  tell(`\n${cellTable(cells)}\n\n${ratioTable(ratiosOf(cells))}\n\n${goalTable(goals)}`);
  if (idle?.pssKib != null) tell(`product, all processes, memory (PSS): ${Math.round(idle.pssKib / 1024)} MiB`);
  await writeResult(run, { idle, cells, ratios: ratiosOf(cells), goals });
  return cells.every((cell) => cell.voidBecause === null);
}

async function startAll(run: BenchRun): Promise<{ measured: Measured[]; product: Product | null }> {
  const { options } = run;
  const { user, pids } = await startModel(run);
  const product = options.targets.includes('product') ? await startProduct(user) : null;
  const naive = options.targets.includes('naive') ? await startNaive(user, naiveDatabaseUrl(run, product)) : null;
  const measured = options.wires.flatMap((wire): Measured[] => {
    const each: Measured[] = [{ target: stubTarget({ url: user.modelUrl, model: user.model, wire }), pids }];
    if (naive !== null) {
      // With its share of the database server, which idles for the product meanwhile.
      const naivePids = [...naive.pids, ...(product?.postgresPid ? [product.postgresPid] : [])];
      each.push({ target: naiveTarget({ url: naive.url, wire }), pids: naivePids });
    }
    if (product !== null) {
      const target = productTarget({ url: product.url, businessId: options.business, wire });
      each.push({ target, pids: product.pids });
    }
    return each;
  });
  return { measured, product };
}

function naiveDatabaseUrl({ options }: BenchRun, product: Product | null): string {
  const given = options.databaseUrl ?? product?.ownerUrl;
  if (given === undefined) throw new Error('Without the product the naive program needs --database-url.');
  const url = new URL(given);
  url.pathname = '/bench_naive';
  return url.href;
}
