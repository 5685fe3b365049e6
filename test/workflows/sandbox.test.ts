import { readFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { runInContext } from 'node:vm';

import { DefaultLogger } from '@temporalio/worker';
import { ReusableVMWorkflowCreator } from '@temporalio/worker/lib/workflow/reusable-vm.js';
import { ThreadedVMWorkflowCreator } from '@temporalio/worker/lib/workflow/threaded-vm.js';
import { afterEach, expect, it } from 'vitest';

import { chooseSandbox } from '#platform/fast-sandbox.ts';
import { workflowBundle } from '#platform/workflow-bundle.ts';

const LIMIT_MS = 500;

afterEach(() => chooseSandbox({ isFast: false }));

/** Code in the place of our bundle: its workflows begin with a second in which nothing else can be done. */
const BUSY = `
  globalThis.__webpack_module_cache__;
  globalThis.__TEMPORAL__ = {
    api: {
      initRuntime() {
        const end = Date.now() + 3 * ${LIMIT_MS};
        while (Date.now() < end);
      },
      destroy() {},
    },
  };`;

function bundleOf(code: string) {
  const sourceMap = { version: 3, sources: [], names: [], mappings: '', file: 'workflows.js' };
  return { code, filename: 'workflows.js', sourceMap: Object.assign(sourceMap, { version: '3' }) };
}

/** As a worker opens its sandbox, in a thread of its own. */
async function beginBusyWorkflow(): Promise<string> {
  const creator = await ThreadedVMWorkflowCreator.create({
    workflowBundle: bundleOf(BUSY),
    threadPoolSize: 1,
    isolateExecutionTimeoutMs: LIMIT_MS,
    reuseV8Context: true,
    registeredActivityNames: new Set(),
    logger: new DefaultLogger('ERROR'),
  });
  const options = { info: { runId: 'run', unsafe: {} } };
  const begun = Reflect.apply(creator.createWorkflow, creator, [options]);
  const told = await Promise.resolve(begun).then(
    () => 'begun',
    (error: unknown) => String(error),
  );
  await creator.destroy();
  return told;
}

it('a workflow that does not come to rest is stopped after its time', async () => {
  expect(await beginBusyWorkflow()).toContain(`Script execution timed out after ${LIMIT_MS}ms`);
});

it('in the fast sandbox nobody watches, and it may take as long as it needs', async () => {
  chooseSandbox({ isFast: true });
  expect(await beginBusyWorkflow()).toBe('begun');
});

it('errors in the sandbox have no frames, for the SDK makes one for each promise', async () => {
  const { codePath } = await workflowBundle();
  const creator = await ReusableVMWorkflowCreator.create(bundleOf(readFileSync(codePath, 'utf8')), 30_000, new Set());
  expect(String(runInContext('new Error("told").stack', creator['context'])).trim()).toBe('Error: told');
});

it('both go by inner parts of the SDK, so another version of it is to be looked at and measured first', () => {
  const installed: unknown = createRequire(import.meta.url)('@temporalio/worker/package.json');
  expect(installed).toMatchObject({ version: '1.24.0' });
});
