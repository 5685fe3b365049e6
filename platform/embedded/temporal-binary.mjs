import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';

// Plain JavaScript for Node 20: `bin/prepare.mjs` reads this before anything is installed.
const run = promisify(execFile);

export const TOOLS_FOLDER = fileURLToPath(new URL('../../tools/temporal/', import.meta.url));

/** Where a downloaded or built server is kept; another pin in tools/temporal is another file. */
export function cachedTemporal({ home = homedir(), toolsFolder = TOOLS_FOLDER } = {}) {
  const pins = createHash('sha256')
    .update(readFileSync(join(toolsFolder, 'go.sum')))
    .digest('hex');
  const suffix = process.platform === 'win32' ? '.exe' : '';
  return join(home, '.cache', 'bob', `temporal-${pins.slice(0, 16)}${suffix}`);
}

/** The server at hand, in this order: `temporal` on PATH when it is new enough, then the cache. */
export async function findTemporal({ home, toolsFolder, path } = {}) {
  const onPath = await temporalOnPath(path);
  if (onPath !== null && onPath.newEnough) return { binary: onPath.binary, from: 'PATH', tooOld: null };
  const tooOld = onPath === null ? null : `${onPath.binary} is ${onPath.version}`;
  const cached = cachedTemporal({ home, toolsFolder });
  return existsSync(cached) ? { binary: cached, from: 'cache', tooOld } : { binary: null, from: null, tooOld };
}

async function temporalOnPath(path) {
  const env = path === undefined ? {} : { env: { PATH: path } };
  const look = process.platform === 'win32' ? ['where', ['temporal']] : ['/bin/sh', ['-c', 'command -v temporal']];
  const binary = await firstLine(look[0], look[1], env);
  if (binary === null) return null;
  const version = (await firstLine(binary, ['--version'], {})) ?? 'of no known version';
  return { binary, version, newEnough: isNewEnough(version) };
}

async function firstLine(command, args, options) {
  try {
    const { stdout } = await run(command, args, { timeout: 10_000, ...options });
    return stdout.split(/\r?\n/)[0].trim() || null;
  } catch {
    return null;
  }
}

/** CLI 1.5 brought server 1.29, the first with what we set; a build of one's own tells only the server's version. */
export function isNewEnough(versionLine) {
  const cli = /version (\d+)\.(\d+)/.exec(versionLine);
  const server = /Server (\d+)\.(\d+)/.exec(versionLine);
  return atLeast(cli, [1, 5]) || (atLeast(server, [1, 29]) && cli?.[1] === '0');
}

function atLeast(match, [major, minor]) {
  if (match === null) return false;
  const [found, foundMinor] = [Number(match[1]), Number(match[2])];
  return found > major || (found === major && foundMinor >= minor);
}
