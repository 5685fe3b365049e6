import { existsSync, readFileSync, rmSync, statSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import pg from 'pg';
import { CannotStart, fullDisk, tellsOfFullDisk } from './cannot-start.ts';
import { adopt, endProcess, launch, type OwnProcess } from './own-process.ts';
import { type ClusterHome, clusterFolder, standing } from './postgres-cluster.ts';
import { isAlive, stillRuns } from './process-mark.mjs';

const READY_WITHIN_MS = 60_000;

export interface ServerSettings {
  fsync: boolean;
  maxConnections: number;
}

export interface LaunchSettings {
  port: number;
  url: string;
  settings: ServerSettings;
  remember: (pid: number) => void;
}

/**
 * A server that outlived the `bob up` that started it: its own file names its process, and it lets us in with our
 * password. `mark` is what we noted of the process we started last.
 */
export async function livingServer(
  folder: string,
  { mark, urlAt }: { mark: string | null; urlAt: (port: number) => string },
): Promise<{ server: OwnProcess; port: number } | null> {
  const file = join(clusterFolder(folder), 'postmaster.pid');
  if (!existsSync(file)) return null;
  const lines = readFileSync(file, 'utf8').split('\n');
  const pid = Number(lines[0]);
  const port = Number(lines[3]);
  if (mark !== null && Number.parseInt(mark, 10) === pid && !stillRuns(mark)) {
    // Another process has that number now (a restarted container), for which PostgreSQL would refuse to start.
    rmSync(file, { force: true });
    return null;
  }
  // Killed in the middle of a start, it may not let us in yet.
  for (let look = 0; look < 20 && isAlive(pid); look += 1) {
    if (await answers(urlAt(port))) return { server: adopt(pid), port };
    await pause(250);
  }
  return null;
}

export async function launchServer(
  home: ClusterHome,
  { port, url, settings, remember }: LaunchSettings,
): Promise<OwnProcess> {
  const logFile = join(home.folder, 'server.log');
  const logStart = existsSync(logFile) ? statSync(logFile).size : 0;
  const { cwd, dataDir } = standing(clusterFolder(home.folder), home.identity);
  const server = await launch({
    command: join(home.native, 'bin', 'postgres'),
    args: ['-D', dataDir, ...configuration(port, settings)],
    logFile,
    cwd,
    ...(home.identity === null ? {} : { identity: home.identity }),
  });
  remember(server.pid);
  let ended = false;
  void server.ended.then(() => {
    ended = true;
  });
  const deadline = performance.now() + READY_WITHIN_MS;
  while (!(await answers(url))) {
    if (ended || performance.now() > deadline) {
      await endProcess(server, { signal: 'SIGQUIT', graceMs: 2000 });
      throw whyNot(home, readFileSync(logFile, 'utf8').slice(logStart));
    }
    await pause(30);
  }
  return server;
}

function configuration(port: number, { fsync, maxConnections }: ServerSettings): string[] {
  const settings = {
    listen_addresses: '127.0.0.1',
    port,
    unix_socket_directories: '',
    shared_buffers: '64MB',
    // Before its first analyze a table is thought so small that any key will do: some then walk all rows of a tenant.
    autovacuum_naptime: '5s',
    max_connections: maxConnections,
    timezone: 'UTC',
    log_timezone: 'UTC',
    // The details of an error quote the row it failed on, and that may hold words of a conversation.
    log_error_verbosity: 'terse',
    ...(fsync ? {} : { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'off' }),
  };
  return Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
}

async function answers(url: string): Promise<boolean> {
  const client = new pg.Client({ connectionString: url, connectionTimeoutMillis: 2000 });
  // A server that goes away between the answer and the goodbye must not end our process.
  client.on('error', () => undefined);
  try {
    await client.connect();
    await client.query('select 1');
    return true;
  } catch {
    return false;
  } finally {
    await client.end().catch(() => undefined);
  }
}

function whyNot(home: ClusterHome, log: string): Error {
  if (tellsOfFullDisk(log)) return fullDisk(home.folder);
  const last = log.trim().split('\n').slice(-5).join('\n');
  return new CannotStart(
    `The embedded PostgreSQL did not start. Its log (${home.folder}/server.log) ends with:\n${last}`,
  );
}
