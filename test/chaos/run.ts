/** One fault under load, and whether all that was promised still holds: docs/operate/chaos.md. */
import { parseArgs } from 'node:util';

import type { Fault } from './fault.ts';
import { FAULT_IDS, findFault } from './faults/index.ts';
import { startProductApart } from './product-apart.ts';
import { sentenceOf } from './report.ts';
import { runFault } from './run-fault.ts';

const USAGE = `usage: npm run chaos -- --fault F2 [--seed 7] [--seconds 60] [--sessions 16] [--seeds 1]

Faults: ${FAULT_IDS.join(' ')}. --seeds N runs N seeds, from --seed on, each on a product of its own.
Exit 0: all held, 1: something is broken, 2: it could not be run.
`;
/** Beyond the load: start, a long fault, what waits for its end, and the look at the database. */
const AROUND_LOAD_MS = 8 * 60_000;

const LINES_SHOWN = 20;

interface Wanted {
  fault: Fault;
  seed: number;
  seconds: number;
  sessions: number;
}

async function main(): Promise<number> {
  const { values } = parseArgs({
    options: {
      fault: { type: 'string' },
      seed: { type: 'string', default: '7' },
      seeds: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '60' },
      sessions: { type: 'string', default: '16' },
    },
  });
  const fault = findFault(values.fault ?? '');
  const [seed, seeds, seconds, sessions] = [values.seed, values.seeds, values.seconds, values.sessions].map(Number);
  if (fault === null || !seed || !seeds || !seconds || !sessions) {
    process.stderr.write(USAGE);
    return 2;
  }
  let passed = true;
  for (let each = seed; each < seed + seeds; each += 1) {
    passed = (await runOnce({ fault, seed: each, seconds, sessions })) && passed;
  }
  return passed ? 0 : 1;
}

async function runOnce({ fault, ...wanted }: Wanted): Promise<boolean> {
  process.stderr.write(`${fault.id}, seed ${wanted.seed}: ${fault.title}\n`);
  const product = await startProductApart(fault.model === undefined ? {} : { model: fault.model });
  const stopOnce = onlyOnce(() => product.stop());
  const giveUp = (why: string): void => {
    process.stderr.write(`${fault.id} seed ${wanted.seed}: ${why}\n`);
    void stopOnce().finally(() => process.exit(why === 'interrupted' ? 2 : 1));
  };
  const interrupt = (): void => giveUp('interrupted');
  const watchdog = setTimeout(() => giveUp('took too long'), wanted.seconds * 1000 + AROUND_LOAD_MS);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  try {
    const worker = await product.startWorker();
    const report = await runFault({ fault, product, worker, ...wanted });
    process.stdout.write(`${JSON.stringify(report)}\n${sentenceOf(report)}\n`);
    for (const violation of report.violations) process.stdout.write(`  ${violation}\n`);
    if (!report.passed) process.stderr.write(lastWords(product.api.output(), 'API'));
    return report.passed;
  } finally {
    clearTimeout(watchdog);
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
    await stopOnce();
  }
}

/** What the process logged: of a 500 only it knows the cause. */
function lastWords(text: string, name: string): string {
  const lines = text.trim().split('\n').slice(-LINES_SHOWN);
  return `${name} said last:\n${lines.join('\n')}\n`;
}

function onlyOnce(stop: () => Promise<void>): () => Promise<void> {
  let stopping: Promise<void> | null = null;
  return () => (stopping ??= stop());
}

process.exitCode = await main().catch((error: unknown) => {
  process.stderr.write(`${String(error)}\n`);
  return 2;
});
