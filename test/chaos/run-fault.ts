import { performance } from 'node:perf_hooks';
import { setTimeout as pause } from 'node:timers/promises';

import { startBob } from '../fixtures/bob-process.ts';
import { createChatClient } from './chat-client.ts';
import { runChatLoad } from './chat-load.ts';
import type { FaultRun, Scene } from './fault.ts';
import { judgeOperations } from './judge-operations.ts';
import { createSeededRandom } from './seeded-random.ts';
import { type FaultReport, reportOf } from './report.ts';

const SESSIONS = 16;
const TURNS_PER_SESSION = 6;
const SETTLED_WITHIN_S = '90';

/** Load, fault, quiet; then every answer is asked for again and the whole database is looked through. */
export async function runFault(run: FaultRun): Promise<FaultReport> {
  const { fault, product } = run;
  const client = createChatClient(product.url);
  const before = product.stub.stats();
  const scene = sceneOf(run, client);
  try {
    const struck = fault.strike(scene);
    const shape = {
      sessions: run.sessions ?? SESSIONS,
      turnsPerSession: TURNS_PER_SESSION,
      seconds: run.seconds,
      until: struck,
    };
    const load =
      fault.load === null
        ? Promise.resolve([])
        : runChatLoad(client, { ...shape, name: run.name ?? 'run', ...fault.load });
    const [, operations] = await Promise.all([struck, load]);
    await fault.expect?.(scene, operations);
    const judged = await judgeOperations(client, fault.outcomes ?? ['answered']);
    scene.violations.push(...judged.violations);
    const check = startBob('check-invariants', { DATABASE_URL: product.databaseUrl }, ['--settled', SETTLED_WITHIN_S]);
    if ((await check.ended) !== 0) scene.violations.push(`invariants:\n${check.output()}`);
    return reportOf({ scene, run, unknownsSettled: judged.unknownsSettled, before });
  } finally {
    client.close();
  }
}

function sceneOf({ product, seed, seconds, worker }: FaultRun, client: Scene['client']): Scene {
  const random = createSeededRandom(seed);
  const startedMs = performance.now();
  const victims: Scene['victims'] = [];
  return {
    product,
    client,
    random,
    seconds,
    worker,
    victims,
    violations: [],
    figures: {},
    async later(fromShare, toShare) {
      const dueMs = startedMs + random.between(fromShare, toShare) * seconds * 1000;
      await pause(Math.max(0, dueMs - performance.now()));
    },
    hit: (name) => void victims.push({ name, atMs: performance.now() }),
  };
}
