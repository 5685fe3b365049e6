import { execFileSync } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { cpSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { createServer, type Server } from 'node:http';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { cachedTemporal, isNewEnough, TOOLS_FOLDER } from '#platform/embedded/temporal-binary.mjs';
import { ensureTemporal } from './temporal.mjs';

const SYSTEM_PATH = '/usr/bin:/bin';
const VERSION_LINE = 'temporal version 1.8.2 (Server 1.31.2, UI 2.50.1)';

let home: string;
let lines: string[];
let server: Server | null;

beforeEach(() => {
  home = mkdtempSync(join(tmpdir(), 'bob-prepare-'));
  mkdirSync(join(home, 'bin'));
  lines = [];
  server = null;
  // No Go but the one a test puts here, whatever this machine has.
  program('go', 'exit 127');
});
afterEach(() => {
  server?.close();
  rmSync(home, { recursive: true, force: true });
});

function program(name: string, script: string): void {
  writeFileSync(join(home, 'bin', name), `#!/bin/sh\n${script}\n`, { mode: 0o755 });
}

async function ensure({ downloadUrl = 'off', toolsFolder = TOOLS_FOLDER } = {}): Promise<string> {
  const env = { HOME: home, PATH: `${join(home, 'bin')}:${SYSTEM_PATH}`, BOB_TEMPORAL_DOWNLOAD_URL: downloadUrl };
  await ensureTemporal({ env, toolsFolder, say: (line) => lines.push(line) });
  return lines.at(-1) ?? '';
}

function putInCache(text: string): string {
  const cached = cachedTemporal({ home });
  mkdirSync(dirname(cached), { recursive: true });
  writeFileSync(cached, text, { mode: 0o755 });
  return cached;
}

/** The official site in small: one archive and the checksum file beside it, on loopback. */
async function site({ checksum }: { checksum?: string } = {}): Promise<string> {
  const archives = new Map<string, Buffer>();
  const folder = join(home, 'site');
  mkdirSync(folder);
  writeFileSync(join(folder, 'temporal'), `#!/bin/sh\necho '${VERSION_LINE}'\n`, { mode: 0o755 });
  execFileSync('tar', ['-czf', 'archive', 'temporal'], { cwd: folder });
  const archive = readFileSync(join(folder, 'archive'));
  const machine = process.arch === 'x64' ? 'amd64' : process.arch;
  const name = `temporal_cli_1.8.2_${process.platform}_${machine}.tar.gz`;
  const sum = checksum ?? createHash('sha256').update(archive).digest('hex');
  archives.set(`/v1.8.2/${name}`, archive);
  archives.set('/v1.8.2/checksums.txt', Buffer.from(`${'0'.repeat(64)}  other.tar.gz\n${sum}  ${name}\n`));
  server = createServer((request, response) => {
    const found = archives.get(request.url ?? '');
    response.writeHead(found === undefined ? 404 : 200).end(found);
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  return `http://127.0.0.1:${typeof address === 'object' && address !== null ? address.port : 0}`;
}

test('a temporal on PATH comes first when it is new enough', async () => {
  putInCache('the cached one');
  program('temporal', `echo '${VERSION_LINE}'`);
  expect(await ensure()).toBe(`Temporal: ${join(home, 'bin', 'temporal')} (from PATH)`);
});

test('one that is too old is passed over, aloud, for the cached one', async () => {
  const cached = putInCache('the cached one');
  program('temporal', `echo 'temporal version 1.4.1 (Server 1.28.0, UI 2.39.0)'`);
  expect(await ensure()).toBe(`Temporal: ${cached} (from cache)`);
  expect(lines[0]).toContain('older than 1.5');
});

test('what is new enough is read from the version line', () => {
  expect(isNewEnough(VERSION_LINE)).toBe(true);
  expect(isNewEnough('temporal version 1.5.0 (Server 1.29.0, UI 2.41.0)')).toBe(true);
  expect(isNewEnough('temporal version 2.0.0')).toBe(true);
  expect(isNewEnough('temporal version 1.4.9 (Server 1.28.1, UI 2.39.0)')).toBe(false);
  expect(isNewEnough('temporal version 0.0.0-DEV (Server 1.31.2, UI 2.50.1)')).toBe(true);
  expect(isNewEnough('temporal version 0.13.2 (Server 1.24.1) (UI 2.27.3)')).toBe(false);
});

test('the official archive is taken when it matches its checksum, and then kept', async () => {
  const downloadUrl = await site();
  const cached = cachedTemporal({ home });
  expect(await ensure({ downloadUrl })).toBe(`Temporal: ${cached} (from download)`);
  expect(execFileSync(cached, ['--version'], { encoding: 'utf8' })).toContain('1.8.2');
  expect(readdirSync(dirname(cached))).toHaveLength(1);
  expect(await ensure({ downloadUrl: 'off' })).toBe(`Temporal: ${cached} (from cache)`);
});

test('an archive that does not match its checksum is thrown away', async () => {
  const downloadUrl = await site({ checksum: 'f'.repeat(64) });
  await expect(ensure({ downloadUrl })).rejects.toThrow('does not match its published checksum');
});

test('without a download it is built, with Go as it is installed and progress by packages', async () => {
  program(
    'go',
    `case "$1" in
      version) echo 'go version go1.26.4 linux/amd64';;
      list) printf 'a\\nb\\nc\\n';;
      build) echo "$GOTOOLCHAIN $CGO_ENABLED $*" > '${home}/asked'; echo a >&2
        while [ "$1" != -o ]; do shift; done; echo built > "$2";;
    esac`,
  );
  const cached = cachedTemporal({ home });
  expect(await ensure({ downloadUrl: 'http://127.0.0.1:9' })).toBe(`Temporal: ${cached} (from build)`);
  expect(readFileSync(join(home, 'asked'), 'utf8')).toMatch(/^local 0 build -v -trimpath -ldflags -s -w -o /);
  expect(readdirSync(dirname(cached))).toHaveLength(1);
  expect(lines).toContainEqual(expect.stringContaining('Temporal: no download: 127.0.0.1:9 cannot be reached'));
});

test('what a killed preparation left half-done is swept away', async () => {
  const cached = putInCache('');
  renameSync(cached, `${cached}.unfinished-${2 ** 22 + 1}`);
  await expect(ensure()).rejects.toThrow('four ways');
  expect(readdirSync(dirname(cached))).toEqual([]);
});

test('a build that fails leaves nothing that could be taken for a server', async () => {
  program(
    'go',
    `case "$1" in
      version) echo 'go version go1.27.0 linux/amd64';;
      list) echo a;;
      build) while [ "$1" != -o ]; do shift; done; echo half > "$2"; echo 'out of memory' >&2; exit 1;;
    esac`,
  );
  await expect(ensure()).rejects.toThrow('out of memory');
  expect(readdirSync(dirname(cachedTemporal({ home })))).toEqual([]);
});

test('with none of them the message names all four ways and what was tried', async () => {
  program('temporal', `echo 'temporal version 1.2.0'`);
  program('go', `echo 'go version go1.25.9 linux/amd64'`);
  const failure = ensure({ downloadUrl: '' });
  await expect(failure).rejects.toThrow(/1\. install the Temporal CLI 1\.5[^]*2\.[^]*\.cache[^]*3\.[^]*4\. install Go/);
  await expect(failure).rejects.toThrow('Go 1.25.9 is too old (1.26.4 or newer is needed)');
  await expect(failure).rejects.toThrow('switched off by BOB_TEMPORAL_DOWNLOAD_URL');
  await expect(failure).rejects.toThrow('temporal version 1.2.0');
});

test('other pins are another file in the cache', () => {
  const toolsFolder = join(home, 'tools');
  cpSync(TOOLS_FOLDER, toolsFolder, { recursive: true });
  writeFileSync(join(toolsFolder, 'go.sum'), 'other pins');
  expect(cachedTemporal({ home, toolsFolder })).not.toBe(cachedTemporal({ home }));
});
