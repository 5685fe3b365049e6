import { rmSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { freePort } from './free-port.ts';
import { keepRunning } from './keep-running.ts';
import { endProcess } from './own-process.ts';
import { markOf } from './process-mark.mjs';
import { usableNative } from './postgres-binaries.ts';
import { ensureCluster } from './postgres-cluster.ts';
import { launchServer, livingServer, type ServerSettings } from './postgres-server.ts';
import { readPostgresState } from './postgres-state.ts';
import { serverIdentity } from './server-identity.ts';
import { writeStateFile } from './state-file.ts';

export interface PostgresOptions {
  /** The cluster, its log and its passwords live in `postgres/` of this folder. */
  dataDir: string;
  log: (line: string) => void;
  /** Off only where the data may be lost with the machine: tests. */
  fsync?: boolean;
  maxConnections?: number;
}

export interface EmbeddedPostgres {
  /** Role `bob_owner`: owns the database `bob`, may create databases. For migrations. */
  readonly ownerUrl: string;
  /** Role `bob`: owns nothing. For the product. */
  readonly url: string;
  readonly port: number;
  /** The server's process now; a restarted server has another one. */
  readonly pid: number;
  /** True when it was running already, left over from a start that was killed. */
  readonly adopted: boolean;
  /** `hurry` drops connections without a checkpoint; the next start recovers. */
  stop(options?: { hurry?: boolean }): Promise<void>;
}

/** One PostgreSQL of our own on loopback: created when missing, adopted when it lives, started again when it dies. */
export async function startPostgres(options: PostgresOptions): Promise<EmbeddedPostgres> {
  const folder = resolve(options.dataDir, 'postgres');
  const stateFile = join(folder, 'postgres.json');
  const state = readPostgresState(stateFile, folder);
  const identity = serverIdentity();
  const settings: ServerSettings = { fsync: options.fsync ?? true, maxConnections: options.maxConnections ?? 200 };
  const urlsAt = (port: number) => ({
    ownerUrl: `postgres://bob_owner:${state.ownerPassword}@127.0.0.1:${port}/bob`,
    url: `postgres://bob:${state.password}@127.0.0.1:${port}/bob`,
  });

  writeStateFile(stateFile, state);
  const living = await livingServer(folder, { mark: state.process, urlAt: (port) => urlsAt(port).ownerUrl });
  const { native, copy } = usableNative(state.nativeCopy, identity);
  const home = { folder, native, identity };
  ensureCluster(home, state);
  const port = living?.port ?? (await freePort(state.port));
  const remember = (pid: number): void =>
    writeStateFile(stateFile, { ...state, port, nativeCopy: copy, process: markOf(pid) });
  const urls = urlsAt(port);

  let first = living?.server;
  const kept = await keepRunning({
    name: 'PostgreSQL',
    log: options.log,
    start: async () => {
      const server = first ?? (await launchServer(home, { port, url: urls.ownerUrl, settings, remember }));
      first = undefined;
      return server;
    },
  });
  return {
    ...urls,
    port,
    adopted: living !== null,
    get pid() {
      return kept.current.pid;
    },
    stop: async ({ hurry = false } = {}) => {
      const server = await kept.release();
      await endProcess(server, hurry ? { signal: 'SIGQUIT', graceMs: 2000 } : { signal: 'SIGINT', graceMs: 20_000 });
      if (copy !== null) rmSync(copy, { recursive: true, force: true });
    },
  };
}
