import { parseArgs } from 'node:util';
import { WARM_UP } from '../load/warm-up.ts';
import { type BenchPlan, benchPlan } from './bench-plan.ts';
import type { BenchOptions } from './bench-run.ts';

const SECONDS = 3;
const SET_UP_MAX_MS = 150_000;
/** The first run on PostgreSQL builds the server. */
const BUILD_MAX_MS = 1_200_000;
const TURN_MAX_MS = 200;
const CRASH_MAX_MS = 240_000;

const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string' },
  business: { type: 'string', default: 'demo' },
  targets: { type: 'string' },
  server: { type: 'string', default: 'sqlite' },
  wire: { type: 'string', default: 'json' },
  cells: { type: 'string' },
  'database-url': { type: 'string' },
  turns: { type: 'string', default: '1000' },
  sessions: { type: 'string', default: '2000,10000' },
} as const;

/** The plan and what the command line asks of it. */
export function readOptions(args: readonly string[]): { name: string; plan: BenchPlan; options: BenchOptions } {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const name = positionals[0] ?? 'steady';
  const plan = benchPlan(name);
  const options: BenchOptions = {
    rounds: positive('rounds', values.rounds),
    seconds: values.seconds === undefined ? (plan.seconds ?? SECONDS) : positive('seconds', values.seconds),
    business: values.business,
    targets: values.targets?.split(',') ?? plan.targets ?? ['product'],
    server: serverOf(values.server, plan),
    wires: wiresOf(values.wire),
    cells: values.cells === undefined ? null : listOf('cells', values.cells),
    databaseUrl: values['database-url'] ?? null,
    turns: positive('turns', values.turns),
    sessions: listOf('sessions', values.sessions),
  };
  return { name, plan, options };
}

/** Longer than this and something hangs. */
export function runLimitMs(plan: BenchPlan, options: BenchOptions): number {
  const { targets, wires, rounds, seconds, turns } = options;
  const cellCount = (options.cells ?? plan.concurrencies).length * targets.length * wires.length;
  const measuredMs = {
    rounds: cellCount * (WARM_UP.durationMs + 1000 * rounds * seconds),
    history: WARM_UP.durationMs + turns * TURN_MAX_MS,
    idle: Math.max(...options.sessions) * TURN_MAX_MS + 3000 * rounds * seconds,
    crash: CRASH_MAX_MS,
    profile: cellCount * (WARM_UP.durationMs + 2000 * seconds),
  }[plan.kind];
  return SET_UP_MAX_MS + (options.server === 'postgres' ? BUILD_MAX_MS : 0) + 2 * measuredMs;
}

function wiresOf(text: string): BenchOptions['wires'] {
  if (text === 'both') return ['json', 'sse'];
  if (text === 'json' || text === 'sse') return [text];
  throw new Error('--wire is one of json, sse, both.');
}

function serverOf(text: string, { kind }: BenchPlan): BenchOptions['server'] {
  if (text !== 'sqlite' && text !== 'postgres') throw new Error('--server is one of sqlite, postgres.');
  // Nobody starts that server again: what the plan asks is how the product brings its own back.
  if (kind === 'crash' && text === 'postgres') throw new Error('The plan crash takes the embedded server only.');
  return text;
}

function listOf(name: string, text: string): number[] {
  return text.split(',').map((part) => positive(name, part));
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`--${name} takes numbers above 0, not "${text}".`);
}
