import { lettersOf } from '../load/letters-of.ts';
import { type LoadTarget, productTarget } from '../load/load-target.ts';
import { processCost } from '../load/process-cost.ts';
import { warmUp } from '../load/warm-up.ts';
import { runLoad } from '../load.ts';
import { type BenchRun, ROOT, startModel, writeResult } from '../plan/bench-run.ts';
import { columns, short, show } from '../plan/columns.ts';
import { freePort } from '../plan/free-ports.ts';
import { type Product, startProduct } from '../plan/start-product.ts';
import { tell } from '../plan/tell.ts';
import { type Inspector, openInspector } from './inspector.ts';
import { selfTime } from './self-time.ts';
import { spentBetween, threadCost } from './thread-cost.ts';

type Figures = readonly (readonly [name: string, msPerTurn: number])[];

interface Window {
  concurrency: number;
  turns: number;
  fault: string | null;
  /** CPU ms a turn, without the profiler. */
  processes: Figures;
  threads: Figures;
  /** Running ms a turn by thread and area, with the profiler: read the shares. */
  areas: Record<string, Figures>;
}

const AREA_COUNT = 24;
const TURN_MAX = 20_000;

/** Plan profile: where the CPU of a turn goes, by process, by thread and by area of the code. */
export async function runProfile(run: BenchRun): Promise<boolean> {
  const { plan, options } = run;
  const { user } = await startModel(run);
  const port = await freePort();
  const product = await startProduct(user, { nodeArgs: [`--inspect=127.0.0.1:${port}`] });
  const target = productTarget({ url: product.url, businessId: options.business, wire: options.wires[0] ?? 'json' });
  const windows: Window[] = [];
  for (const concurrency of options.cells ?? plan.concurrencies) {
    await warmUp(target, { concurrency, runName: nameOf('warm', concurrency) });
    const plain = await measurePlain(run, { product, target, concurrency });
    const inspector = await openInspector(port);
    const areas = await measureAreas(run, { inspector, target, concurrency }).finally(() => inspector.close());
    const window = { concurrency, ...plain, ...areas };
    tell(windowReport(window));
    windows.push(window);
  }
  await writeResult(run, { windows });
  return windows.every((window) => window.fault === null);
}

async function measurePlain(
  { options }: BenchRun,
  { product, target, concurrency }: { product: Product; target: LoadTarget; concurrency: number },
): Promise<Pick<Window, 'turns' | 'fault' | 'processes' | 'threads'>> {
  const before = { processes: await costByPart(product), threads: await threadCost(product.parts.node) };
  const { turns, errors } = await load(target, { concurrency, name: 'plain', seconds: options.seconds });
  const after = { processes: await costByPart(product), threads: await threadCost(product.parts.node) };
  return {
    turns,
    fault: errors[0] ?? null,
    processes: perTurn(spentBetween(before.processes, after.processes), turns),
    threads: perTurn(spentBetween(before.threads, after.threads), turns),
  };
}

async function measureAreas(
  { options }: BenchRun,
  { inspector, target, concurrency }: { inspector: Inspector; target: LoadTarget; concurrency: number },
): Promise<Pick<Window, 'areas'>> {
  await inspector.start();
  const { turns } = await load(target, { concurrency, name: 'areas', seconds: options.seconds });
  const profiles = await inspector.stop();
  const areas = profiles.map(({ thread, profile }, index) => {
    const name = index === 0 ? thread : `${thread.split('/').slice(-3).join('/')} #${index}`;
    return [name, perTurn([...selfTime(profile, ROOT)], turns)] as const;
  });
  return { areas: Object.fromEntries(areas) };
}

function load(
  target: LoadTarget,
  { concurrency, name, seconds }: { concurrency: number; name: string; seconds: number },
) {
  const runName = nameOf(name, concurrency);
  return runLoad({ target, concurrency, turnsPerSession: 10, durationMs: 1000 * seconds, turnMax: TURN_MAX, runName });
}

function nameOf(window: string, concurrency: number): string {
  return `${lettersOf(Math.floor(performance.timeOrigin))}-${window}-${lettersOf(concurrency)}`;
}

/** The servers are children of the Node process and are taken out of its share. */
async function costByPart({ parts }: Product): Promise<Map<string, number>> {
  const { cpuMs: all } = await processCost(Object.values(parts));
  const { cpuMs: temporal } = await processCost([parts.temporal]);
  const { cpuMs: postgres } = await processCost([parts.postgres]);
  const node = all - temporal - postgres;
  return new Map(Object.entries({ node, temporal, postgres }));
}

function perTurn(spent: readonly (readonly [string, number])[], turns: number): Figures {
  return spent.map(([name, ms]) => [name, turns === 0 ? 0 : ms / turns] as const);
}

function windowReport({ concurrency, turns, fault, processes, threads, areas }: Window): string {
  const parts = [
    `\nC=${concurrency}: ${turns} turns${fault === null ? '' : `, void: ${fault}`}`,
    ...table('CPU ms a turn by process', processes),
    ...table('CPU ms a turn by thread of the Node process', threads),
    ...Object.entries(areas).flatMap(([name, figures]) => table(`own ms a turn, thread ${name}`, figures)),
  ];
  return parts.join('\n');
}

function table(title: string, figures: Figures): string[] {
  const total = figures.reduce((sum, [, ms]) => sum + ms, 0);
  const shown = figures.slice(0, AREA_COUNT);
  const rest = figures.slice(AREA_COUNT).reduce((sum, [, ms]) => sum + ms, 0);
  const rows = [...shown, ...(rest > 0 ? [['the rest', rest] as const] : []), ['in all', total] as const];
  const share = (ms: number): string => (total === 0 ? '' : `${Math.round((100 * ms) / total)} %`);
  return columns([[title, 'ms', 'share'], ...rows.map(([name, ms]) => [short(name), show(ms), share(ms)])]);
}
