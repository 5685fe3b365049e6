import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { bundleWorkflowCode, DefaultLogger } from '@temporalio/worker';

const WORKFLOWS = fileURLToPath(new URL('../../workflows/index.ts', import.meta.url));

export interface BuiltBundle {
  path: string;
  remove(): Promise<void>;
}

/** webpack takes seconds, so one file serves every worker of a test run. */
export async function buildWorkflowBundle(workflowsPath = WORKFLOWS): Promise<BuiltBundle> {
  const logger = new DefaultLogger('WARN');
  const { code } = await bundleWorkflowCode({ workflowsPath, logger });
  const folder = await mkdtemp(join(tmpdir(), 'bob-bundle-'));
  const path = join(folder, 'workflows.cjs');
  await writeFile(path, code);
  return { path, remove: () => rm(folder, { recursive: true, force: true }) };
}
