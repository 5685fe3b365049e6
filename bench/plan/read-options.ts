import { parseArgs } from 'node:util';
import type { BenchPlan } from './bench-plan.ts';
import type { BenchOptions } from './bench-run.ts';

const SET_UP_MAX_MS = 150_000;
const TURN_MAX_MS = 200;
const CRASH_MAX_MS = 240_000;

const OPTIONS = {
  rounds: { type: 'string', default: '5' },
  seconds: { type: 'string', default: '3' },
  business: { type: 'string', default: 'demo' },
  targets: { type: 'string', default: 'stub,naive,product' },
  wire: { type: 'string', default: 'json' },
  cells: { type: 'string' },
  'database-url': { type: 'string' },
  turns: { type: 'string', default: '1000' },
  sessions: { type: 'string', default: '2000,10000' },
} as const;

/** The plan's name and what the command line asks of it. */
export function readOptions(args: readonly string[]): { name: string; options: BenchOptions } {
  const { values, positionals } = parseArgs({ args: [...args], allowPositionals: true, options: OPTIONS });
  const options: BenchOptions = {
    rounds: positive('rounds', values.rounds),
    seconds: positive('seconds', values.seconds),
    business: values.business,
    targets: values.targets.split(','),
    wires: wiresOf(values.wire),
    cells: values.cells === undefined ? null : listOf('cells', values.cells),
    databaseUrl: values['database-url'] ?? null,
    turns: positive('turns', values.turns),
    sessions: listOf('sessions', values.sessions),
  };
  return { name: positionals[0] ?? 'steady', options };
}

/** Longer than this and something hangs. */
export function runLimitMs(plan: BenchPlan, options: BenchOptions): number {
  const { targets, wires, rounds, seconds, turns } = options;
  const cellCount = (options.cells ?? plan.concurrencies).length * targets.length * wires.length;
  const measuredMs = {
    rounds: cellCount * 1000 * (1 + rounds * seconds),
    history: turns * TURN_MAX_MS,
    idle: Math.max(...options.sessions) * TURN_MAX_MS + 3000 * rounds * seconds,
    crash: CRASH_MAX_MS,
    profile: cellCount * 1000 * 3 * seconds,
  }[plan.kind];
  return SET_UP_MAX_MS + 2 * measuredMs;
}

function wiresOf(text: string): BenchOptions['wires'] {
  if (text === 'both') return ['json', 'sse'];
  if (text === 'json' || text === 'sse') return [text];
  throw new Error('--wire is one of json, sse, both.');
}

function listOf(name: string, text: string): number[] {
  return text.split(',').map((part) => positive(name, part));
}

function positive(name: string, text: string): number {
  const number = Number(text);
  if (Number.isFinite(number) && number > 0) return number;
  throw new Error(`--${name} takes numbers above 0, not "${text}".`);
}
