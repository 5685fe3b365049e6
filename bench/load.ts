/** Closed-loop load on a chat: each session sends its next message when the last answer is in. */
import { performance } from 'node:perf_hooks';
import { parseArgs } from 'node:util';
import { lettersOf } from './load/letters-of.ts';
import { floorTarget, type LoadTarget, naiveTarget, productTarget, stubTarget } from './load/load-target.ts';
import { createJsonClient, type JsonClient } from './load/send-json.ts';
import { median, quantile } from './load/statistics.ts';
import { takeTurn, type TurnResult } from './load/take-turn.ts';

export interface LoadPlan {
  target: LoadTarget;
  /** Sessions at a time. */
  concurrency: number;
  turnsPerSession: number;
  /** Sessions in all; without it, as many as turns and time allow. */
  sessionMax?: number;
  durationMs: number;
  turnMax: number;
  /** Tells this run's sessions and messages from those of every other run; letters only. */
  runName: string;
}

export interface LoadResult {
  target: LoadTarget['name'];
  concurrency: number;
  turns: number;
  turnsPerSecond: number;
  p50Ms: number | null;
  p95Ms: number | null;
  p99Ms: number | null;
  /** Median of the first message of a session, and of those after it. */
  firstTurnP50Ms: number | null;
  laterTurnP50Ms: number | null;
  /** Median until the first words; null without a stream. */
  firstTokenP50Ms: number | null;
  resends: number;
  errorCount: number;
  /** The first few. */
  errors: readonly string[];
  /** Median of each part that the answers' Server-Timing names. */
  serverTimingMs: Readonly<Record<string, number | null>>;
}

const ERRORS_SHOWN = 5;

export async function runLoad(plan: LoadPlan): Promise<LoadResult> {
  const client = createJsonClient();
  const startMs = performance.now();
  const run: Run = { plan, client, results: [], sessionCount: 0, turnCount: 0, endMs: startMs + plan.durationMs };
  try {
    await Promise.all(Array.from({ length: plan.concurrency }, () => runSessions(run)));
  } finally {
    client.close();
  }
  return summarize(plan, run.results, performance.now() - startMs);
}

interface Run {
  plan: LoadPlan;
  client: JsonClient;
  results: TurnResult[];
  sessionCount: number;
  turnCount: number;
  endMs: number;
}

async function runSessions(run: Run): Promise<void> {
  while (hasRoom(run) && run.sessionCount < (run.plan.sessionMax ?? Number.POSITIVE_INFINITY)) {
    run.sessionCount += 1;
    await runSession(run, `${run.plan.runName}-${lettersOf(run.sessionCount)}`);
  }
}

function hasRoom({ endMs, plan, turnCount }: Run): boolean {
  return performance.now() < endMs && turnCount < plan.turnMax;
}

async function runSession(run: Run, name: string): Promise<void> {
  const history: { role: string; content: string }[] = [];
  let sessionToken: string | null = null;
  for (let turn = 1; turn <= run.plan.turnsPerSession && hasRoom(run); turn += 1) {
    run.turnCount += 1;
    const mark = `${name}-${lettersOf(turn)}`;
    const message = `Please tell me that this question has arrived, mark:${mark}`;
    const asked = { sessionId: `bench-${name}`, turn, message, mark, key: mark, history, sessionToken };
    const result: TurnResult = await takeTurn(run.client, run.plan.target, asked);
    run.results.push(result);
    // What follows a wrong answer in the same session tells nothing new.
    if (result.fault !== null) return;
    sessionToken = result.sessionToken ?? sessionToken;
    history.push({ role: 'user', content: message }, { role: 'assistant', content: result.reply ?? '' });
  }
}

function summarize(plan: LoadPlan, results: readonly TurnResult[], tookMs: number): LoadResult {
  const right = results.filter((result) => result.fault === null);
  const latencies = right.map((result) => result.latencyMs);
  const faults = results.map((result) => result.fault).filter((fault) => fault !== null);
  return {
    target: plan.target.name,
    concurrency: plan.concurrency,
    turns: right.length,
    turnsPerSecond: (right.length * 1000) / tookMs,
    p50Ms: quantile(latencies, 0.5),
    p95Ms: quantile(latencies, 0.95),
    p99Ms: quantile(latencies, 0.99),
    firstTurnP50Ms: medianLatency(right.filter((result) => result.turn === 1)),
    laterTurnP50Ms: medianLatency(right.filter((result) => result.turn > 1)),
    firstTokenP50Ms: median(right.map((result) => result.firstTokenMs)),
    resends: results.reduce((sum, result) => sum + result.resendCount, 0),
    errorCount: faults.length,
    errors: faults.slice(0, ERRORS_SHOWN),
    serverTimingMs: mediansOf(right),
  };
}

function medianLatency(results: readonly TurnResult[]): number | null {
  return median(results.map((result) => result.latencyMs));
}

function mediansOf(results: readonly TurnResult[]): Record<string, number | null> {
  const names = new Set(results.flatMap((result) => Object.keys(result.timings)));
  return Object.fromEntries(
    [...names].map((name) => [name, median(results.map((each) => each.timings[name] ?? null))]),
  );
}

async function main(): Promise<void> {
  const { values } = parseArgs({
    options: {
      target: { type: 'string', default: 'product' },
      url: { type: 'string', default: 'http://127.0.0.1:3000' },
      model: { type: 'string', default: 'stub-0-0-8' },
      business: { type: 'string', default: 'demo' },
      sessions: { type: 'string', default: '1' },
      seconds: { type: 'string', default: '3' },
      turns: { type: 'string', default: '20000' },
      wire: { type: 'string', default: 'json' },
    },
  });
  const { url, model, business: businessId } = values;
  const wire = values.wire === 'sse' ? 'sse' : 'json';
  const targets = {
    stub: stubTarget({ url, model, wire }),
    naive: naiveTarget({ url, wire }),
    floor: floorTarget({ url }),
    product: productTarget({ url, businessId, wire }),
  };
  const target = Object.values(targets).find((each) => each.name === values.target);
  if (target === undefined) throw new Error(`--target is one of ${Object.keys(targets).join(', ')}`);
  const result = await runLoad({
    target,
    concurrency: Number(values.sessions),
    turnsPerSession: 10,
    durationMs: 1000 * Number(values.seconds),
    turnMax: Number(values.turns),
    runName: `run-${lettersOf(Math.floor(performance.timeOrigin))}`,
  });
  process.stdout.write(`${JSON.stringify(result, null, 2)}\n`);
  process.exitCode = result.errorCount === 0 ? 0 : 1;
}

if (import.meta.main) await main();
