// Runs before `npm start` and `npm test`, on Node 20 or newer with nothing installed: plain JavaScript, no packages.
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { ensurePackages } from './prepare/packages.mjs';
import { startProgress } from './prepare/progress.mjs';
import { ensureTemporal } from './prepare/temporal.mjs';
import { ensureWidget } from './prepare/widget.mjs';
import { takeLock } from '../platform/embedded/process-lock.mjs';

const LOCK_WAIT_MS = 20 * 60_000;

const root = dirname(dirname(fileURLToPath(import.meta.url)));
const say = startProgress();

// Two preparations at once would remove each other's packages; the second waits and then finds everything done.
async function inTurn(work) {
  const file = join(root, '.bob', 'prepare.lock');
  const deadline = performance.now() + LOCK_WAIT_MS;
  let lock = takeLock(file);
  if (lock.release === undefined) say(`waiting for another preparation to finish (process ${lock.heldBy})`);
  while (lock.release === undefined) {
    if (performance.now() > deadline) throw new Error(`Process ${lock.heldBy} holds ${file} for too long.`);
    await pause(300);
    lock = takeLock(file);
  }
  try {
    await work();
  } finally {
    lock.release();
  }
}

function ownTemporal(env) {
  const name = env.npm_lifecycle_event === 'pretest' ? 'TEST_TEMPORAL_ADDRESS' : 'TEMPORAL_ADDRESS';
  return (env[name] ?? '').trim() !== '';
}

try {
  await inTurn(async () => {
    await ensurePackages({ root, env: process.env, say });
    await ensureWidget({ root, say });
    if (ownTemporal(process.env)) say('Temporal: your own server is used');
    else await ensureTemporal({ env: process.env, say });
  });
} catch (error) {
  process.stderr.write(`\n${error.message}\n`);
  process.exitCode = 1;
}
