import { readFile } from 'node:fs/promises';
import { fileURLToPath } from 'node:url';

import { buildWorkflowBundle } from '../../test/setup/workflow-bundle.ts';
import { bundleFaults } from './bundle-faults.ts';
import { replayHistories } from './replay-histories.ts';

const HISTORIES = fileURLToPath(new URL('../../test/workflows/histories', import.meta.url));

const bundle = await buildWorkflowBundle();
try {
  const code = await readFile(bundle.path, 'utf8');
  const replay = await replayHistories({ code, folder: HISTORIES });
  const faults = [...bundleFaults(code), ...replay.faults];
  if (replay.replayed === 0) faults.push('replay: there is no stored history');
  for (const fault of faults) process.stdout.write(`${fault}\n`);
  process.stdout.write(`bundle ${(code.length / 1e6).toFixed(2)} MB, ${replay.replayed} histories replayed\n`);
  process.exitCode = faults.length === 0 ? 0 : 1;
} finally {
  await bundle.remove();
}
