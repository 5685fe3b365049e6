import { setTimeout as sleep } from 'node:timers/promises';
import { goalTable } from '../goals/goal-table.ts';
import { type Conversation, openConversation } from '../load/conversation.ts';
import { lettersOf } from '../load/letters-of.ts';
import { type LoadTarget, productTarget } from '../load/load-target.ts';
import { processCost } from '../load/process-cost.ts';
import { createJsonClient } from '../load/send-json.ts';
import { median } from '../load/statistics.ts';
import type { TurnResult } from '../load/take-turn.ts';
import { type LoadResult, runLoad } from '../load.ts';
import { type BenchRun, startModel, writeResult } from '../plan/bench-run.ts';
import { type Product, startProduct } from '../plan/start-product.ts';
import { tell } from '../plan/tell.ts';
import { databaseBytes } from './database-bytes.ts';

/** What a number of idle sessions costs. */
interface Count {
  sessions: number;
  pssKib: number | null;
  bytes: number;
}

/** As long as a session of the product waits before it closes, here. */
const IDLE_MS = 1500;
const QUIET_CPU_MS = 150;
const QUIET_SECONDS_MAX = 180;
const OPENING_CONCURRENCY = 16;
const OPENING_MS_PER_SESSION = 100;
const WAKE_COUNT = 20;

/** Plan idle: many sessions of one turn that have closed again, then the same load as before them. */
export async function runIdle(run: BenchRun): Promise<boolean> {
  const { options } = run;
  const { user } = await startModel(run);
  const product = await startProduct(user, { moreEnv: { BOB_SESSION_IDLE_MS: String(IDLE_MS) } });
  const target = productTarget({ url: product.url, businessId: options.business });
  const measure = (name: string) => steady(target, { name, seconds: options.seconds * options.rounds });
  await measure('warm');
  const without = await measure('without');
  const counts = [await countNow(product, 0)];
  const faults = [...without.errors];
  for (const sessions of options.sessions) {
    const more = sessions - (counts.at(-1)?.sessions ?? 0);
    const opened = await openSessions(target, { name: `idle-${lettersOf(sessions)}`, count: more });
    faults.push(...opened.errors);
    counts.push(await countNow(product, sessions));
    tell(countLine(counts.at(-1)));
  }
  const beside = await measure('beside');
  const { wakeMs, warmMs, fault } = await wake(product, target);
  faults.push(...beside.errors, ...(fault === null ? [] : [fault]));
  const goals = { ...slopes(counts), P10: over(beside.p50Ms, without.p50Ms), P13: over(wakeMs, warmMs) };
  tell(`p50 without ${without.p50Ms?.toFixed(2)} ms, beside idle sessions ${beside.p50Ms?.toFixed(2)} ms`);
  tell(`wake ${wakeMs?.toFixed(2)} ms, warm turn ${warmMs?.toFixed(2)} ms\n\n${goalTable(goals, options.server)}`);
  for (const each of new Set(faults)) tell(`void: ${each}`);
  await writeResult(run, { counts, without, beside, wakeMs, warmMs, goals, faults });
  return faults.length === 0;
}

function steady(target: LoadTarget, { name, seconds }: { name: string; seconds: number }): Promise<LoadResult> {
  const runName = `${lettersOf(Math.floor(performance.timeOrigin))}-${name}`;
  return runLoad({ target, concurrency: 1, turnsPerSession: 10, durationMs: 1000 * seconds, turnMax: 20_000, runName });
}

function openSessions(target: LoadTarget, { name, count }: { name: string; count: number }): Promise<LoadResult> {
  const runName = `${lettersOf(Math.floor(performance.timeOrigin))}-${name}`;
  const bounds = { sessionMax: count, turnMax: count, durationMs: count * OPENING_MS_PER_SESSION + 10_000 };
  return runLoad({ target, concurrency: OPENING_CONCURRENCY, turnsPerSession: 1, runName, ...bounds });
}

async function countNow(product: Product, sessions: number): Promise<Count> {
  await untilQuiet(product);
  const { pssKib } = await processCost(product.pids, { withMemory: true });
  return { sessions, pssKib, bytes: await databaseBytes(product) };
}

/** Sessions close once they were idle; when that work is done the processes rest. */
async function untilQuiet({ pids }: Product): Promise<void> {
  await sleep(2 * IDLE_MS);
  let { cpuMs } = await processCost(pids);
  for (let second = 0; second < QUIET_SECONDS_MAX; second += 1) {
    await sleep(1000);
    const after = await processCost(pids);
    if (after.cpuMs - cpuMs < QUIET_CPU_MS) return;
    cpuMs = after.cpuMs;
  }
  tell('The processes did not come to rest; memory is counted as it is.');
}

/** Sessions of two turns: the second of some comes at once, that of others when they have closed. */
async function wake(product: Product, target: LoadTarget) {
  const client = createJsonClient();
  const open = (name: string): Conversation[] =>
    Array.from({ length: WAKE_COUNT }, (_, index) => openConversation(client, target, `${name}-${index}`));
  try {
    const awake: TurnResult[] = [];
    for (const each of open('awake')) awake.push(await each.say(), await each.say());
    const closed = open('closed');
    const first: TurnResult[] = [];
    for (const each of closed) first.push(await each.say());
    await untilQuiet(product);
    const woken: TurnResult[] = [];
    for (const each of closed) woken.push(await each.say());
    const fault = [...awake, ...first, ...woken].find((each) => each.fault !== null)?.fault ?? null;
    return { wakeMs: secondTurnMs(woken), warmMs: secondTurnMs(awake), fault };
  } finally {
    client.close();
  }
}

function secondTurnMs(results: readonly TurnResult[]): number | null {
  return median(results.filter((each) => each.turn === 2).map((each) => each.latencyMs));
}

/** Between the last two counts: what the first sessions bring along, pools and caches, is no slope. */
export function slopes(counts: readonly Count[]): { P8: number | null; P9: number | null } {
  const [from, to] = counts.slice(-2);
  if (from === undefined || to === undefined) return { P8: null, P9: null };
  const sessions = to.sessions - from.sessions;
  const memory = from.pssKib === null || to.pssKib === null ? null : to.pssKib - from.pssKib;
  return { P8: over(memory, sessions), P9: (to.bytes - from.bytes) / 1024 / sessions };
}

function over(value: number | null, by: number | null): number | null {
  return value === null || by === null || by === 0 ? null : value / by;
}

function countLine(count: Count | undefined): string {
  return `${count?.sessions} sessions: memory ${mib(count?.pssKib)}, databases ${mib((count?.bytes ?? 0) / 1024)}`;
}

function mib(kib: number | null | undefined): string {
  return kib == null ? 'unknown' : `${Math.round(kib / 1024)} MiB`;
}
