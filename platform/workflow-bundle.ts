import { createHash } from 'node:crypto';
import { mkdirSync, readdirSync, readFileSync, renameSync, statSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundleWorkflowCode } from '@temporalio/worker';

const ROOT = fileURLToPath(new URL('..', import.meta.url));
/** All the bundle is made of: our rules, our workflows, and the pinned packages. */
const SOURCES = ['workflows', 'domain', 'package-lock.json'];

/**
 * The code the worker's sandbox runs. Building it takes seconds and each build is the same, so it is kept under the
 * hash of its sources: a production image builds it once, at its own build.
 */
export async function workflowBundle(): Promise<{ codePath: string }> {
  const codePath = join(ROOT, 'dist', `workflows-${hashOfSources()}.js`);
  if (statSync(codePath, { throwIfNoEntry: false }) === undefined) await build(codePath);
  return { codePath };
}

async function build(codePath: string): Promise<void> {
  const { code } = await bundleWorkflowCode({
    workflowsPath: join(ROOT, 'workflows', 'index.ts'),
    preloadModules: [join(ROOT, 'workflows', 'sandbox-errors.ts')],
    logger: SILENT,
  });
  mkdirSync(dirname(codePath), { recursive: true });
  // Under its name only when it is whole: two processes may start at once, or one be killed.
  const draft = `${codePath}.${process.pid}`;
  writeFileSync(draft, code);
  renameSync(draft, codePath);
}

function hashOfSources(): string {
  const hash = createHash('sha256');
  for (const source of SOURCES) {
    for (const file of filesOf(join(ROOT, source))) hash.update(file.slice(ROOT.length)).update(readFileSync(file));
  }
  return hash.digest('hex').slice(0, 16);
}

function filesOf(path: string): string[] {
  if (statSync(path).isFile()) return [path];
  const files = readdirSync(path, { recursive: true, encoding: 'utf8' });
  return files
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts'))
    .toSorted()
    .map((name) => join(path, name));
}

const quiet = (): void => undefined;
const SILENT = { log: quiet, trace: quiet, debug: quiet, info: quiet, warn: quiet, error: quiet };
