import type { Verdict } from './invariant.ts';

/** One line per invariant, and below a broken one the first rows that break it. */
export function printVerdicts(verdicts: readonly Verdict[]): string {
  return verdicts.map(printVerdict).join('');
}

function printVerdict({ id, says, noun, count, faults }: Verdict): string {
  const state = faults.length === 0 ? 'ok    ' : 'BROKEN';
  const line = `${id}  ${state}  ${`${count} ${noun}`.padEnd(26)}  ${says}\n`;
  return line + faults.map(printFault).join('');
}

function printFault({ says, rows }: Verdict['faults'][number]): string {
  return [`      not so: ${says}`, ...rows.map((row) => `        ${printRow(row)}`)]
    .map((line) => `${line}\n`)
    .join('');
}

function printRow(row: object): string {
  return Object.entries(row)
    .map(([name, value]) => `${name} ${value instanceof Date ? value.toISOString() : JSON.stringify(value)}`)
    .join(', ');
}
