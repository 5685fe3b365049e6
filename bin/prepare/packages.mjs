import { createHash } from 'node:crypto';
import { existsSync, mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { delimiter, dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { markOf, stillRuns } from '../../platform/embedded/process-mark.mjs';
import { withTicks } from './progress.mjs';
import { run } from './run.mjs';

/** Installs what the lockfile says when it says something new. The mark comes last: a killed install is done again. */
export async function ensurePackages({ root, env, say }) {
  const lockfile = readFileSync(join(root, 'package-lock.json'));
  const hash = createHash('sha256').update(lockfile).digest('hex');
  const modules = join(root, 'node_modules');
  const mark = join(modules, '.bob-lock-hash');
  if (existsSync(mark) && readFileSync(mark, 'utf8').trim() === hash) {
    say('packages: as in package-lock.json');
    return;
  }
  const names = topLevelNames(JSON.parse(lockfile.toString('utf8')));
  say(`packages: npm ci (${names.size} at the top level, about a minute)`);
  const tick = () => say(`packages: ${countUnpacked(modules, names)} of about ${names.size}`);
  await endLeftover(join(root, '.bob', 'npm-ci.pid'));
  await withTicks(tick, () => npmCi({ root, env }));
  writeFileSync(mark, `${hash}\n`);
  say('packages: installed');
}

/** Without those of other systems: they stand in the lockfile and are not installed. */
function topLevelNames(lock) {
  const entries = Object.entries(lock.packages ?? {}).filter(([, entry]) => isForHere(entry));
  return new Set(entries.map(([path]) => /^node_modules\/((?:@[^/]+\/)?[^/]+)$/.exec(path)?.[1]).filter(Boolean));
}

function isForHere({ os = [process.platform], cpu = [process.arch], libc = ['glibc'] }) {
  return os.includes(process.platform) && cpu.includes(process.arch) && libc.includes('glibc');
}

// npm makes all folders first and fills them then.
function countUnpacked(modules, names) {
  return [...names].filter((name) => existsSync(join(modules, name, 'package.json'))).length;
}

/** An install whose `prepare` was killed runs on by itself; two of them would spoil each other's work. */
async function endLeftover(file) {
  const mark = existsSync(file) ? readFileSync(file, 'utf8') : '';
  while (stillRuns(mark)) {
    process.kill(Number.parseInt(mark, 10), 'SIGTERM');
    await pause(200);
  }
}

/**
 * The npm that started us, on the Node it came with. Our own `node_modules/.bin` leaves its PATH: it holds the Node
 * that this very install replaces.
 */
async function npmCi({ root, env }) {
  const own = join(root, 'node_modules');
  const path = (env.PATH ?? '').split(delimiter).filter((folder) => !folder.startsWith(own));
  const note = join(root, '.bob', 'npm-ci.pid');
  mkdirSync(dirname(note), { recursive: true });
  const onStart = (pid) => writeFileSync(note, markOf(pid));
  const options = { onStart, cwd: root, env: { ...env, PATH: path.join(delimiter) } };
  const args = ['ci', '--no-audit', '--no-fund', '--loglevel=error'];
  const { npm_execpath: npmFile, npm_node_execpath: npmNode } = env;
  if (npmFile !== undefined && npmNode !== undefined && !npmNode.startsWith(own) && existsSync(npmNode)) {
    await run(npmNode, [npmFile, ...args], options);
  } else {
    await run(process.platform === 'win32' ? 'npm.cmd' : 'npm', args, options);
  }
  rmSync(note);
}
