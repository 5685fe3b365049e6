import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

import { afterEach, expect, it } from 'vitest';

import { bundleFaults } from '../../tools/check/bundle-faults.ts';
import { replayHistories } from '../../tools/check/replay-histories.ts';
import { buildWorkflowBundle } from '../setup/workflow-bundle.ts';
import { greetingWorkflow } from './replayed-workflow.ts';
import { plantTree, type Tree } from './sound-tree.ts';

const HISTORIES = fileURLToPath(new URL('histories', import.meta.url));
const trees: Tree[] = [];

afterEach(() => {
  for (const tree of trees.splice(0)) tree.remove();
});

async function bundled(workflow: string): Promise<string> {
  const tree = plantTree({ 'workflows/index.ts': workflow });
  trees.push(tree);
  const bundle = await buildWorkflowBundle(join(tree.folder, 'workflows/index.ts'));
  try {
    return await readFile(bundle.path, 'utf8');
  } finally {
    await bundle.remove();
  }
}

it('a stored history replays on the workflow it was recorded from', async () => {
  const code = await bundled(greetingWorkflow('sayHello'));
  expect(await replayHistories({ code, folder: HISTORIES })).toEqual({ replayed: 1, faults: [] });
  expect(bundleFaults(code)).toEqual([]);
});

it('bundle refuses a renamed activity: the stored history no longer replays', async () => {
  const code = await bundled(greetingWorkflow('sayGoodDay'));
  const { faults } = await replayHistories({ code, folder: HISTORIES });
  expect(faults).toEqual([expect.stringContaining('greeting.json')]);
});

it('bundle refuses zod in a workflow', async () => {
  const parse = 'export const greeting = async (name: unknown): Promise<string> => z.string().parse(name);';
  const code = await bundled(`import { z } from 'zod';\n${parse}`);
  expect(bundleFaults(code)).toContain('bundle: holds the package zod');
});

it('bundle refuses more than 2 MB', () => {
  expect(bundleFaults('x'.repeat(2_000_001))).toEqual(['bundle: 2000001 bytes, at most 2000000']);
});
