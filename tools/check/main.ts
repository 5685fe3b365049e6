import { invariantsGate, migrationsGate } from './database-gates.ts';
import type { Gate, GateContext, GateResult } from './gate.ts';
import { openServers } from './open-servers.ts';
import {
  bundleGate,
  contractGate,
  deadCodeGate,
  directionGate,
  formatGate,
  licencesGate,
  lintGate,
  lockGate,
  typesGate,
} from './static-gates.ts';
import { houseGate, testsGate } from './test-gates.ts';

const GATES: readonly Gate[] = [
  formatGate,
  lintGate,
  typesGate,
  directionGate,
  deadCodeGate,
  testsGate,
  bundleGate,
  contractGate,
  migrationsGate,
  licencesGate,
  lockGate,
  houseGate,
];

interface Verdict {
  name: string;
  result: GateResult;
  seconds: number;
}

/** Every gate is asked, also after a red one: a newcomer sees all there is to repair in one run. */
async function judge(gates: readonly Gate[], context: GateContext): Promise<Verdict[]> {
  const verdicts: Verdict[] = [];
  for (const gate of gates) {
    const startedAt = performance.now();
    process.stdout.write(`· ${gate.name}\n`);
    const result = await gate.run(context).catch((error: unknown) => ({ ok: false, output: String(error) }));
    const seconds = (performance.now() - startedAt) / 1000;
    process.stdout.write(`${result.ok ? '✓' : '✗'} ${gate.name}  ${seconds.toFixed(1)} s\n`);
    if (!result.ok) process.stdout.write(`${result.output.trimEnd()}\n`);
    verdicts.push({ name: gate.name, result, seconds });
  }
  return verdicts;
}

function countOf({ result }: Verdict): { passed: number; failed: number } {
  return result.tests ?? { passed: result.ok ? 1 : 0, failed: result.ok ? 0 : 1 };
}

function sumUp(verdicts: readonly Verdict[]): number {
  process.stdout.write('\n');
  for (const { name, result, seconds } of verdicts) {
    process.stdout.write(`${result.ok ? '✓' : '✗'} ${name.padEnd(12)} ${seconds.toFixed(1).padStart(6)} s\n`);
  }
  const counts = verdicts.map(countOf);
  const passed = counts.reduce((sum, count) => sum + count.passed, 0);
  const failed = counts.reduce((sum, count) => sum + count.failed, 0);
  process.stdout.write(`${passed} passed, ${failed} failed\n`);
  return failed;
}

const all = process.argv.includes('--all');
const servers = openServers({ temporal: all });
let verdicts: Verdict[];
try {
  verdicts = await judge(all ? [...GATES, invariantsGate] : GATES, { all, servers: () => servers.get() });
} finally {
  await servers.close();
}
process.exitCode = sumUp(verdicts) === 0 ? 0 : 1;
