import type { Kind } from './credentials.ts';
import type { FuzzedRun, Statuses } from './run-schemathesis.ts';

const SHOWN_MAX = 12_000;

export interface Judgement {
  sound: boolean;
  lines: string[];
}

/** What one run found, and whether it really tried everything. */
export function judgeRun(kind: Kind, { report, output }: FuzzedRun): Judgement {
  if (report === null) return { sound: false, lines: [`${kind}: schemathesis broke down`, output.slice(-SHOWN_MAX)] };
  const { operations, test_cases: cases, failures, errors, phases } = report;
  const left = operations.selected - operations.tested;
  const skipped = Object.entries(phases).filter(([, { status }]) => status === 'skip');
  const faults = [
    ...(left === 0 ? [] : [`${left} operations were not tried: give it more --minutes`]),
    ...skipped.map(([name]) => `the phase ${name} was skipped`),
    ...failures.map(({ title, count, operations: of }) => `${title} (${count}): ${of.join(', ')}`),
    ...errors.map((error) => `error: ${JSON.stringify(error).slice(0, 400)}`),
  ];
  const sound = faults.length === 0;
  const head = `${kind}: ${operations.tested} operations, ${cases.generated} cases, ${sound ? 'sound' : 'NOT SOUND'}`;
  return {
    sound,
    lines: [head, ...faults.map((fault) => `  ${fault}`), ...(failures.length === 0 ? [] : [detailsOf(output)])],
  };
}

/** Each failure with the request that shows it. */
function detailsOf(output: string): string {
  const [, failures = ''] = output.split(/^=+ FAILURES =+$/m);
  const [shown = ''] = failures.split(/^=+ WARNINGS =+$/m);
  return shown.slice(0, SHOWN_MAX);
}

export function addStatuses(all: Statuses, more: Statuses): void {
  for (const [operation, counts] of more) {
    const known = all.get(operation) ?? new Map<number, number>();
    for (const [status, count] of counts) known.set(status, (known.get(status) ?? 0) + count);
    all.set(operation, known);
  }
}

/**
 * Every operation with what it answered to all credentials together. With each kind of them tried, one that never
 * succeeded was tried by its refusals alone: then nothing is known of it.
 */
export function judgeStatuses(operations: readonly string[], statuses: Statuses, { isWhole = true } = {}): Judgement {
  const lines = operations.map((operation) => {
    const counts = [...(statuses.get(operation) ?? [])].toSorted(([a], [b]) => a - b);
    return `  ${operation}  ${counts.map(([status, count]) => `${status}×${count}`).join(' ')}`;
  });
  const silent = isWhole ? operations.filter((operation) => !hasSucceeded(statuses, operation)) : [];
  return {
    sound: silent.length === 0,
    lines: [
      'Answers by operation, of all credentials:',
      ...lines,
      ...silent.map((operation) => `never succeeded: ${operation}`),
    ],
  };
}

function hasSucceeded(statuses: Statuses, operation: string): boolean {
  return [...(statuses.get(operation)?.keys() ?? [])].some((status) => status >= 200 && status < 300);
}
