import { createHash } from 'node:crypto';
import { mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { run } from './run.mjs';
import { withTicks } from './progress.mjs';
import { unfinishedName } from './sweep-unfinished.mjs';

const VERSION = '1.8.2';
const OFFICIAL_URL = 'https://github.com/temporalio/cli/releases/download';
const CONNECT_TIMEOUT_MS = 10_000;
const DOWNLOAD_TIMEOUT_MS = 10 * 60_000;

/** The official release, taken only when it is what the checksum file beside it says. */
export async function downloadTemporal({ env, target, say }) {
  const base = env.BOB_TEMPORAL_DOWNLOAD_URL ?? OFFICIAL_URL;
  if (base.trim() === '' || base === 'off') throw new Error('switched off by BOB_TEMPORAL_DOWNLOAD_URL');
  const folder = `${base.replace(/\/$/, '')}/v${VERSION}`;
  const archive = archiveName();
  const expected = checksumOf(archive, (await download(`${folder}/checksums.txt`)).toString('utf8'));
  say(`Temporal: downloading ${archive}`);
  const tick = () => say('Temporal: downloading');
  const bytes = await withTicks(tick, () => download(`${folder}/${archive}`));
  const found = createHash('sha256').update(bytes).digest('hex');
  if (found !== expected) throw new Error(`${archive} does not match its published checksum, so it was thrown away`);
  await unpack(bytes, target);
}

function archiveName() {
  const system = { win32: 'windows' }[process.platform] ?? process.platform;
  const machine = { x64: 'amd64' }[process.arch] ?? process.arch;
  return `temporal_cli_${VERSION}_${system}_${machine}.tar.gz`;
}

function checksumOf(archive, checksums) {
  const line = checksums.split('\n').find((text) => text.trim().endsWith(` ${archive}`));
  if (line === undefined) throw new Error(`no checksum is published for ${archive}`);
  return line.trim().split(/\s+/)[0].toLowerCase();
}

/** Ten seconds to the first byte, however the network refuses us; minutes for the rest. */
async function download(url) {
  const limit = new AbortController();
  const stop = (what) => () => limit.abort(new Error(`${new URL(url).host} ${what}`));
  const connect = setTimeout(stop('did not answer within 10 s'), CONNECT_TIMEOUT_MS);
  const whole = setTimeout(stop('was too slow'), DOWNLOAD_TIMEOUT_MS);
  try {
    const response = await fetch(url, { signal: limit.signal });
    clearTimeout(connect);
    if (!response.ok) throw new Error(`${url} answered ${response.status}`);
    return Buffer.from(await response.arrayBuffer());
  } catch (error) {
    if (error.cause === undefined) throw error;
    const why = error.cause.code ?? error.cause.message;
    throw new Error(`${new URL(url).host} cannot be reached (${why})`, { cause: error });
  } finally {
    clearTimeout(connect);
    clearTimeout(whole);
  }
}

// Unpacked beside its place and renamed into it: nobody ever runs half a program.
async function unpack(bytes, target) {
  const folder = unfinishedName(target);
  mkdirSync(folder);
  try {
    writeFileSync(join(folder, 'archive.tar.gz'), bytes);
    await run('tar', ['-xzf', 'archive.tar.gz'], { cwd: folder });
    renameSync(join(folder, process.platform === 'win32' ? 'temporal.exe' : 'temporal'), target);
  } finally {
    rmSync(folder, { recursive: true, force: true });
  }
}
