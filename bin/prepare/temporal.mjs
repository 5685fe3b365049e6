import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { cachedTemporal, findTemporal, TOOLS_FOLDER } from '../../platform/embedded/temporal-binary.mjs';
import { buildTemporal } from './build-temporal.mjs';
import { downloadTemporal } from './download-temporal.mjs';
import { sweepUnfinished } from './sweep-unfinished.mjs';

/** A Temporal server at hand: on PATH, in the cache, downloaded or built. Says where it came from. */
export async function ensureTemporal({ env, say, toolsFolder = TOOLS_FOLDER }) {
  const home = env.HOME ?? env.USERPROFILE;
  const found = await findTemporal({ home, toolsFolder, path: env.PATH });
  const reasons = found.tooOld === null ? [] : [`on PATH: older than 1.5: ${found.tooOld}`];
  for (const reason of reasons) say(`Temporal: passed over ${reason}`);
  if (found.binary !== null) {
    say(`Temporal: ${found.binary} (from ${found.from})`);
    return;
  }
  const target = cachedTemporal({ home, toolsFolder });
  mkdirSync(dirname(target), { recursive: true });
  sweepUnfinished(target);
  const ways = [
    ['download', () => downloadTemporal({ env, target, say })],
    ['build', () => buildTemporal({ env, target, toolsFolder, say })],
  ];
  for (const [name, way] of ways) {
    try {
      await way();
      say(`Temporal: ${target} (from ${name})`);
      return;
    } catch (error) {
      reasons.push(`${name}: ${error.message}`);
      say(`Temporal: no ${name}: ${error.message.split('\n')[0]}`);
    }
  }
  throw new Error(fourWays(target, reasons));
}

function fourWays(target, reasons) {
  return [
    'Bob needs a Temporal server and found none. Any one of these four ways helps:',
    '  1. install the Temporal CLI 1.5 or newer, so that `temporal` is on the PATH;',
    `  2. put its program where the cache is: ${target}`,
    '  3. let it be downloaded: allow the connection, or name a mirror in BOB_TEMPORAL_DOWNLOAD_URL;',
    '  4. install Go 1.26.4 or newer, and it is built from tools/temporal.',
    'Or use a server of your own: TEMPORAL_ADDRESS=host:port (for the tests TEST_TEMPORAL_ADDRESS).',
    'What was tried:',
    ...reasons.map((reason) => `  - ${reason}`),
  ].join('\n');
}
