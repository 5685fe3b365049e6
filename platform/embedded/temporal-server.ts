import { existsSync, readFileSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { Connection } from '@temporalio/client';
import { CannotStart, fullDisk, tellsOfFullDisk } from './cannot-start.ts';
import { adopt, endProcess, launch, type OwnProcess } from './own-process.ts';
import { stillRuns } from './process-mark.mjs';

const READY_WITHIN_MS = 60_000;

// With the defaults every task dispatched after a burst waits 90 ms, and a turn takes ten times as long.
const SERVER_SETTINGS = {
  'system.enableActivityEagerExecution': 'true',
  'matching.enableFairness': 'true',
  'history.transferProcessorMaxPollRPS': '10000',
  'history.timerProcessorMaxPollRPS': '10000',
  'matching.numTaskqueueReadPartitions': '1',
  'matching.numTaskqueueWritePartitions': '1',
  // What a session was is kept for eight thousand of them, 50 KiB each. Whoever comes back is read from the file.
  'history.hostLevelCacheMaxSize': '1000',
};

// A commit of SQLite's default journal waits for the disk several times; with a write-ahead log once, as durably.
const FILE_PRAGMAS = ['--sqlite-pragma=journal_mode=WAL', '--sqlite-pragma=synchronous=FULL'];
// A dev server reads the list of search attributes anew for each start. Ours is there before the server is, but for the
// namespaces that tests make in a server without a file.
const FILE_SETTINGS = { 'system.forceSearchAttributesCacheRefreshOnRead': 'false' };

const SEARCH_ATTRIBUTES = ['BobTenant', 'BobChannel', 'BobOwner'];

export interface TemporalHome {
  folder: string;
  binary: string;
  port: number;
  namespace: string;
  /** Null keeps everything in memory. */
  dbFile: string | null;
}

export async function launchTemporal(home: TemporalHome, remember: (pid: number) => void): Promise<OwnProcess> {
  const logFile = join(home.folder, 'server.log');
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
  const server = await launch({ command: home.binary, args: argumentsFor(home), logFile, cwd: home.folder });
  // Before it answers: should we be killed now, the next start must know of it.
  remember(server.pid);
  let ended = false;
  void server.ended.then(() => {
    ended = true;
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await serves(home))) {
    if (ended || performance.now() > deadline) {
      await endProcess(server, { signal: 'SIGTERM', graceMs: 2000 });
      throw whyNot(home.folder, readFileSync(logFile, 'utf8').slice(logStart));
    }
    await pause(50);
  }
  return server;
}

function argumentsFor({ port, namespace, dbFile }: TemporalHome): string[] {
  const basics = 'server start-dev --headless --log-level warn --disable-config-file --disable-config-env'.split(' ');
  return [
    ...basics,
    '--ip=127.0.0.1',
    `--port=${port}`,
    `--namespace=${namespace}`,
    ...(dbFile === null ? [] : [`--db-filename=${dbFile}`, ...FILE_PRAGMAS]),
    ...SEARCH_ATTRIBUTES.flatMap((name) => ['--search-attribute', `${name}=Keyword`]),
    ...Object.entries({ ...SERVER_SETTINGS, ...(dbFile === null ? {} : FILE_SETTINGS) }).flatMap(([name, value]) => [
      '--dynamic-config-value',
      `${name}=${value}`,
    ]),
  ];
}

/** A server that outlived the `bob up` that started it: the process we marked, answering where we left it. */
export async function livingTemporal(home: TemporalHome, mark: string | null): Promise<OwnProcess | null> {
  if (mark === null || !stillRuns(mark)) return null;
  const server = adopt(Number.parseInt(mark, 10));
  // Killed in the middle of a start it may not answer yet, and two servers on one file would spoil it.
  for (let look = 0; look < 20; look += 1) {
    if (await serves(home)) return server;
    await pause(250);
  }
  await endProcess(server, { signal: 'SIGTERM', graceMs: 2000 });
  return null;
}

/** Open ports say little: the namespace must be there and our search attributes in it. */
async function serves({ port, namespace }: TemporalHome): Promise<boolean> {
  let connection: Connection | null = null;
  try {
    connection = await Connection.connect({ address: `127.0.0.1:${port}`, connectTimeout: 2000 });
    const { operatorService, workflowService } = connection;
    return await connection.withDeadline(performance.timeOrigin + performance.now() + 2000, async () => {
      await workflowService.describeNamespace({ namespace });
      const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
      return SEARCH_ATTRIBUTES.every((name) => name in (customAttributes ?? {}));
    });
  } catch {
    return false;
  } finally {
    await connection?.close().catch(() => undefined);
  }
}

function whyNot(folder: string, log: string): Error {
  if (tellsOfFullDisk(log)) return fullDisk(folder);
  const last = log.trim().split('\n').slice(-5).join('\n');
  return new CannotStart(
    `The embedded Temporal server did not start. Its log (${folder}/server.log) ends with:\n${last}`,
  );
}
