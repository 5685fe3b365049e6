import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';

/** Makes the scripts of the widget where their sources have changed. The Node that came with the packages can. */
export async function ensureWidget({ root, say }) {
  const system = process.platform === 'win32' ? 'win' : process.platform;
  const file = process.platform === 'win32' ? 'node.exe' : 'node';
  const pinned = join(root, 'node_modules', `node-${system}-${process.arch}`, 'bin', file);
  const node = existsSync(pinned) ? pinned : process.execPath;
  await run(node, [join(root, 'bin', 'write-widget.ts')], { cwd: root });
  say('widget: as in its sources');
}
