import { goalTable } from '../goals/goal-table.ts';
import { openConversation } from '../load/conversation.ts';
import { type LoadTarget, productTarget } from '../load/load-target.ts';
import { createJsonClient } from '../load/send-json.ts';
import { median } from '../load/statistics.ts';
import { WARM_UP } from '../load/warm-up.ts';
import { type BenchRun, startModel, writeResult } from './bench-run.ts';
import { startProduct } from './start-product.ts';
import { tell } from './tell.ts';

const WINDOW_COUNT = 20;

/** Plan history: one session, turn after turn; does a long one become slow? */
export async function runHistory(run: BenchRun): Promise<boolean> {
  const { options } = run;
  const { user } = await startModel(run);
  const { url } = await startProduct(user);
  const target = productTarget({ url, businessId: options.business, isLong: true });
  // A session of its own before, so that the first window does not measure a cold start.
  await speak(target, { name: 'warm', turns: Math.min(WARM_UP.turnMax, options.turns) });
  const latencies = await speak(target, { name: 'long', turns: options.turns });
  const size = Math.ceil(options.turns / WINDOW_COUNT);
  const windows = latencyWindows(latencies, size);
  for (const { from, to, p50Ms } of windows) tell(`turns ${from}-${to}: p50 ${p50Ms?.toFixed(2)} ms`);
  const first = windows[0]?.p50Ms ?? null;
  const last = windows.at(-1)?.p50Ms ?? null;
  const goals = { P11: first === null || last === null ? null : last / first };
  tell(`\n${goalTable(goals, options.server)}`);
  await writeResult(run, { windows, goals });
  return latencies.length === options.turns;
}

async function speak(target: LoadTarget, { name, turns }: { name: string; turns: number }): Promise<number[]> {
  const client = createJsonClient();
  const conversation = openConversation(client, target, name);
  const latencies: number[] = [];
  try {
    for (let turn = 1; turn <= turns; turn += 1) {
      const { fault, latencyMs } = await conversation.say();
      if (fault !== null) {
        tell(`turn ${turn}: ${fault}`);
        return latencies;
      }
      latencies.push(latencyMs);
    }
    return latencies;
  } finally {
    client.close();
  }
}

export function latencyWindows(latencies: readonly number[], size: number) {
  return Array.from({ length: Math.ceil(latencies.length / size) }, (_, index) => {
    const part = latencies.slice(index * size, (index + 1) * size);
    return { from: index * size + 1, to: index * size + part.length, p50Ms: median(part) };
  });
}
