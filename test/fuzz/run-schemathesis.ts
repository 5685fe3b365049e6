import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createReadStream } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { createInterface } from 'node:readline';

import { z } from 'zod';

import type { Credential } from './credentials.ts';
import { schemathesisConfig } from './schemathesis-config.ts';
import { withExamples } from './with-examples.ts';

const CHECKS = [
  'not_a_server_error',
  'status_code_conformance',
  'content_type_conformance',
  'response_schema_conformance',
  'response_headers_conformance',
  'negative_data_rejection',
  'ignored_auth',
  'use_after_free',
  'missing_required_header',
  'unsupported_method',
];
const PHASES = ['examples', 'coverage', 'fuzzing', 'stateful'];
/** For one operation in one round of fuzzing; rounds go on until the time is over. */
const EXAMPLES_MAX = 8;
/** Start, and reports at the end. */
const AROUND_MS = 60_000;
const KILLED_AFTER_MS = 5000;

const Report = z.object({
  stop_reason: z.string(),
  operations: z.object({ selected: z.int(), tested: z.int() }),
  phases: z.record(z.string(), z.object({ status: z.string() })),
  test_cases: z.object({ generated: z.int() }),
  failures: z.array(z.object({ title: z.string(), count: z.int(), operations: z.array(z.string()) })),
  errors: z.array(z.unknown()),
});
export type Report = z.output<typeof Report>;

const Finished = z.object({
  ScenarioFinished: z.object({
    recorder: z.object({
      cases: z.record(z.string(), z.object({ value: z.object({ method: z.string(), path: z.string() }) })),
      interactions: z.record(z.string(), z.object({ response: z.object({ status_code: z.int() }).nullish() })),
    }),
  }),
});

/** `GET /api/keys` → status → how often. */
export type Statuses = Map<string, Map<number, number>>;

export interface FuzzedRun {
  /** Null where schemathesis itself broke down. */
  report: Report | null;
  operations: string[];
  statuses: Statuses;
  /** All it said: its failures come with the request that shows each of them. */
  output: string;
}

export interface Running {
  python: string;
  url: string;
  folder: string;
  seed: number;
  seconds: number;
  /** Ends the run before its time. */
  signal: AbortSignal;
}

/** All phases over the document that the product serves, with one kind of credential. */
export async function runSchemathesis(credential: Credential, running: Running): Promise<FuzzedRun> {
  const folder = join(running.folder, credential.kind);
  await mkdir(folder, { recursive: true });
  const served: unknown = await (await fetch(`${running.url}/openapi.json`)).json();
  const { paths, operations, text } = withExamples(served, credential.things);
  const file = (name: string): string => join(folder, name);
  const files = { report: file('report.json'), events: file('events.ndjson') };
  await writeFile(file('openapi.json'), text);
  await writeFile(file('schemathesis.toml'), schemathesisConfig(credential, paths, files));
  const output = await run(running, folder);
  await writeFile(file('output.txt'), output);
  return { report: await readReport(files.report), operations, statuses: await countStatuses(files.events), output };
}

async function run({ python, url, seed, seconds, signal }: Running, folder: string): Promise<string> {
  const options = {
    url,
    seed,
    'max-time': seconds,
    'max-examples': EXAMPLES_MAX,
    phases: PHASES.join(','),
    checks: CHECKS.join(','),
  };
  const given = Object.entries(options).flatMap(([name, value]) => [`--${name}`, String(value)]);
  const program = ['-m', 'schemathesis.cli', '--config-file', 'schemathesis.toml', 'run', 'openapi.json', '--no-color'];
  const child = spawn(python, [...program, ...given], { cwd: folder, stdio: ['ignore', 'pipe', 'pipe'], signal });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream.setEncoding('utf8').on('data', (piece: string) => {
      output += piece;
    });
  }
  const limit = setTimeout(() => child.kill('SIGTERM'), seconds * 1000 + AROUND_MS);
  const last = setTimeout(() => child.kill('SIGKILL'), seconds * 1000 + AROUND_MS + KILLED_AFTER_MS);
  try {
    await once(child, 'close');
    return output;
  } finally {
    clearTimeout(limit);
    clearTimeout(last);
  }
}

async function readReport(path: string): Promise<Report | null> {
  const text = await readFile(path, 'utf8').catch(() => null);
  return text === null ? null : Report.parse(JSON.parse(text));
}

async function countStatuses(path: string): Promise<Statuses> {
  const statuses: Statuses = new Map();
  const lines = createInterface({ input: createReadStream(path).on('error', () => undefined), crlfDelay: Infinity });
  for await (const line of lines) {
    const finished = line.startsWith('{"ScenarioFinished"') ? Finished.safeParse(JSON.parse(line)) : null;
    if (finished?.success === true) count(statuses, finished.data.ScenarioFinished.recorder);
  }
  return statuses;
}

type Recorder = z.output<typeof Finished>['ScenarioFinished']['recorder'];

function count(statuses: Statuses, { cases, interactions }: Recorder): void {
  for (const [id, { response }] of Object.entries(interactions)) {
    const sent = cases[id]?.value;
    if (sent === undefined || response === undefined || response === null) continue;
    const operation = `${sent.method.toUpperCase()} ${sent.path}`;
    const ofOperation = statuses.get(operation) ?? new Map<number, number>();
    statuses.set(operation, ofOperation.set(response.status_code, (ofOperation.get(response.status_code) ?? 0) + 1));
  }
}
