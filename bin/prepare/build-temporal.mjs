import { renameSync, rmSync } from 'node:fs';
import { withTicks } from './progress.mjs';
import { run } from './run.mjs';
import { unfinishedName } from './sweep-unfinished.mjs';

const COMMAND = 'github.com/temporalio/cli/cmd/temporal';
const GO_MIN = [1, 26, 4];

/** From source, with the versions that tools/temporal pins; three to six minutes on two cores. */
export async function buildTemporal({ env, target, toolsFolder, say }) {
  const options = {
    cwd: toolsFolder,
    env: { ...env, GOTOOLCHAIN: 'local', CGO_ENABLED: '0', GOFLAGS: '-mod=readonly' },
  };
  await requireGo(options);
  say('Temporal: building it from tools/temporal, 3-6 minutes on two cores; fetching its modules');
  const fetching = () => say('Temporal: fetching modules');
  const list = await withTicks(fetching, () => run('go', ['list', '-deps', COMMAND], options));
  const total = list.trim().split('\n').length;

  const unfinished = unfinishedName(target);
  const built = new Set();
  const onLine = (line) => built.add(line);
  const tick = () => say(`Temporal: ${built.size} of at most ${total} packages built`);
  const flags = ['-v', '-trimpath', '-ldflags', '-s -w', '-o', unfinished];
  try {
    await withTicks(tick, () => run('go', ['build', ...flags, COMMAND], { ...options, onLine }));
    renameSync(unfinished, target);
  } finally {
    rmSync(unfinished, { force: true });
  }
}

async function requireGo(options) {
  const wanted = GO_MIN.join('.');
  let text;
  try {
    text = await run('go', ['version'], options);
  } catch {
    throw new Error(`no Go is installed (${wanted} or newer is needed)`);
  }
  const found = /go(\d+)\.(\d+)(?:\.(\d+))?/.exec(text);
  const version = found === null ? [0, 0, 0] : found.slice(1).map((part) => Number(part ?? 0));
  if (isOlder(version, GO_MIN)) throw new Error(`Go ${version.join('.')} is too old (${wanted} or newer is needed)`);
}

function isOlder(version, minimum) {
  const at = version.findIndex((part, index) => part !== minimum[index]);
  return at !== -1 && version[at] < minimum[at];
}
