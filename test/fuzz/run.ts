/** Every operation of the document, fuzzed with each kind of credential: docs/operate/fuzzing.md. */
import { mkdtemp, rm } from 'node:fs/promises';
import { randomInt } from 'node:crypto';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { pythonWithPackages } from '../fixtures/python-packages.ts';
import { credentialOf, type Kind, KINDS } from './credentials.ts';
import { addStatuses, judgeRun, judgeStatuses, type Judgement } from './judge.ts';
import { type Running, runSchemathesis, type Statuses } from './run-schemathesis.ts';
import { type FuzzedProduct, startFuzzedProduct } from './start-fuzzed-product.ts';

const USAGE = `usage: npm run fuzz -- [--minutes 8] [--seed 7] [--credentials ${KINDS.join(',')}] [--keep]

--minutes is the time of all runs together. --keep leaves the folder with all requests and answers.
Exit 0: all sound, 1: something is not, 2: it could not be run.
`;
const REQUIREMENTS = fileURLToPath(new URL('requirements.txt', import.meta.url));
const INSTALL_MS = 300_000;
/** One core for the fuzzer, one for the product, and neither is busy all the time. */
const LANES = 2;
const SECONDS_MIN = 20;
/** Beyond the time of the runs. */
const AROUND_MS = 5 * 60_000;

interface Wanted {
  kinds: Kind[];
  minutes: number;
  seed: number;
  keep: boolean;
}

async function main(): Promise<number> {
  const wanted = readWanted();
  if (wanted === null) {
    process.stderr.write(USAGE);
    return 2;
  }
  tell(`seed ${wanted.seed}, ${wanted.minutes} minutes, credentials: ${wanted.kinds.join(', ')}`);
  const python = await findSchemathesis();
  if (python === null) return 2;
  const folder = await mkdtemp(join(tmpdir(), 'bob-fuzz-runs-'));
  try {
    return (await fuzzInTime({ ...wanted, python, folder })) ? 0 : 1;
  } finally {
    if (wanted.keep) tell(`all requests and answers: ${folder}`);
    else await rm(folder, { recursive: true, force: true });
  }
}

type Ready = Wanted & Pick<Running, 'python' | 'folder'>;

/** Whatever happens, nothing that it started goes on after it. */
async function fuzzInTime(ready: Ready): Promise<boolean> {
  const giveUp = new AbortController();
  const interrupt = (): void => giveUp.abort(new Error('interrupted'));
  const late = setTimeout(() => giveUp.abort(new Error('took too long')), ready.minutes * 60_000 + AROUND_MS);
  process.once('SIGINT', interrupt).once('SIGTERM', interrupt);
  const product = await startFuzzedProduct();
  try {
    giveUp.signal.throwIfAborted();
    return await fuzz(product, { ...ready, url: product.url, signal: giveUp.signal });
  } catch (error) {
    giveUp.signal.throwIfAborted();
    throw error;
  } finally {
    clearTimeout(late);
    await product.stop();
    process.off('SIGINT', interrupt).off('SIGTERM', interrupt);
  }
}

function readWanted(): Wanted | null {
  const { values } = parseArgs({
    options: {
      minutes: { type: 'string', default: '8' },
      seed: { type: 'string', default: String(randomInt(1, 1_000_000)) },
      credentials: { type: 'string', default: KINDS.join(',') },
      keep: { type: 'boolean', default: false },
    },
  });
  const [minutes, seed] = [Number(values.minutes), Number(values.seed)];
  const asked = values.credentials.split(',');
  const kinds = KINDS.filter((kind) => asked.includes(kind));
  if (!(minutes > 0) || !Number.isInteger(seed) || kinds.length !== asked.length) return null;
  return { kinds, minutes, seed, keep: values.keep };
}

/** Not installed is not sound: who asks for fuzzing is told that there was none. */
async function findSchemathesis(): Promise<string | null> {
  try {
    return await pythonWithPackages({ requirements: REQUIREMENTS, module: 'schemathesis', installMs: INSTALL_MS });
  } catch (error) {
    tell(`SKIPPED: schemathesis needs python3 with venv and, once, a package index (PyPI).\n${String(error)}`);
    return null;
  }
}

async function fuzz(
  product: FuzzedProduct,
  { kinds, minutes, ...running }: Ready & Pick<Running, 'url' | 'signal'>,
): Promise<boolean> {
  const statuses: Statuses = new Map();
  const judgements: Judgement[] = [];
  const operations = new Set<string>();
  const seconds = Math.max(SECONDS_MIN, Math.floor((minutes * 60) / Math.ceil(kinds.length / LANES)));
  const waiting = [...kinds];
  const lane = async (): Promise<void> => {
    for (let kind = waiting.shift(); kind !== undefined; kind = waiting.shift()) {
      const credential = await credentialOf(kind, product);
      const run = await runSchemathesis(credential, { ...running, seconds });
      addStatuses(statuses, run.statuses);
      for (const operation of run.operations) operations.add(operation);
      const judgement = judgeRun(kind, run);
      judgements.push(judgement);
      print(judgement);
    }
  };
  await Promise.all(Array.from({ length: LANES }, lane));
  const all = judgeStatuses([...operations], statuses, { isWhole: kinds.length === KINDS.length });
  const alive = judgeProduct(product);
  for (const judgement of [all, alive]) print(judgement);
  const sound = [...judgements, all, alive].every((judgement) => judgement.sound);
  process.stdout.write(`seed ${running.seed}: ${sound ? 'all sound' : 'NOT SOUND'}\n`);
  return sound;
}

/** What it logged as an error, it answered with 500, or nobody was told of it at all. */
function judgeProduct({ bob }: FuzzedProduct): Judgement {
  const errors = bob
    .output()
    .split('\n')
    .filter((line) => line.startsWith('{"level":50') || line.startsWith('{"level":60'));
  if (!bob.isRunning()) errors.push('it has ended');
  return { sound: errors.length === 0, lines: errors.map((line) => `Bob: ${line.slice(0, 1000)}`) };
}

function print({ lines }: Judgement): void {
  for (const line of lines) process.stdout.write(`${line}\n`);
}

function tell(line: string): void {
  process.stderr.write(`${line}\n`);
}

process.exitCode = await main().catch((error: unknown) => {
  tell(error instanceof Error ? (error.stack ?? error.message) : String(error));
  return 2;
});
