import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';

import { historyFromJSON } from '@temporalio/common/lib/proto-utils.js';
import { DefaultLogger, makeTelemetryFilterString, Runtime, Worker } from '@temporalio/worker';

interface Replay {
  replayed: number;
  faults: string[];
}

/** Runs each stored history against the workflow code of today, without a server. */
export async function replayHistories({ code, folder }: { code: string; folder: string }): Promise<Replay> {
  // A history that does not replay is told in our own words; the engine's log would say it again, at length.
  const filter = makeTelemetryFilterString({ core: 'ERROR', other: 'ERROR' });
  Runtime.install({ logger: new DefaultLogger('ERROR'), telemetryOptions: { logging: { filter } } });
  const names = (await readdir(folder).catch(() => [])).filter((name) => name.endsWith('.json')).toSorted();
  const faults: string[] = [];
  for await (const result of Worker.runReplayHistories({ workflowBundle: { code } }, read(folder, names))) {
    if (result.error !== undefined) faults.push(`replay: ${result.workflowId}: ${result.error.message}`);
  }
  return { replayed: names.length, faults };
}

async function* read(folder: string, names: readonly string[]) {
  for (const name of names) {
    const stored: unknown = JSON.parse(await readFile(join(folder, name), 'utf8'));
    yield { workflowId: name, history: historyFromJSON(stored) };
  }
}
