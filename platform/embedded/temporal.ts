import { mkdirSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { CannotStart } from './cannot-start.ts';
import { freePort } from './free-port.ts';
import { keepRunning } from './keep-running.ts';
import { endProcess } from './own-process.ts';
import { markOf } from './process-mark.mjs';
import { readStateFile, writeStateFile } from './state-file.ts';
import { findTemporal } from './temporal-binary.mjs';
import { launchTemporal, livingTemporal } from './temporal-server.ts';

export interface TemporalOptions {
  /** The server's file, its log and its port are kept in `temporal/` of this folder. */
  dataDir: string;
  log: (line: string) => void;
  namespace?: string;
  /** Nothing is kept: for tests. */
  inMemory?: boolean;
  /** The `temporal` program; found by the rule of `bin/prepare.mjs` when not given. */
  binary?: string;
}

export interface EmbeddedTemporal {
  readonly address: string;
  readonly namespace: string;
  /** The server's process now; a restarted server has another one. */
  readonly pid: number;
  readonly adopted: boolean;
  stop(options?: { hurry?: boolean }): Promise<void>;
}

/** One Temporal dev server on loopback: adopted when it lives, started again when it dies. */
export async function startTemporal(options: TemporalOptions): Promise<EmbeddedTemporal> {
  const folder = resolve(options.dataDir, 'temporal');
  const stateFile = join(folder, 'temporal.json');
  const kept = readState(stateFile);
  const home = {
    folder,
    binary: options.binary ?? (await binaryAtHand()),
    namespace: options.namespace ?? 'bob',
    dbFile: options.inMemory === true ? null : join(folder, 'temporal.db'),
  };
  mkdirSync(folder, { recursive: true, mode: 0o711 });

  const living = await livingTemporal({ ...home, port: kept.port }, kept.mark);
  const port = living === null ? await freePort(kept.port) : kept.port;

  const remember = (pid: number): void => writeStateFile(stateFile, { port, process: markOf(pid) });
  let first = living;
  const server = await keepRunning({
    name: 'Temporal',
    log: options.log,
    start: async () => {
      const started = first ?? (await launchTemporal({ ...home, port }, remember));
      first = null;
      return started;
    },
  });
  return {
    address: `127.0.0.1:${port}`,
    namespace: home.namespace,
    adopted: living !== null,
    get pid() {
      return server.current.pid;
    },
    stop: async ({ hurry = false } = {}) => {
      const last = await server.release();
      await endProcess(last, { signal: hurry ? 'SIGKILL' : 'SIGTERM', graceMs: 10_000 });
      writeStateFile(stateFile, { port });
    },
  };
}

/** Port 0 and no mark: nothing was ever started here. */
function readState(stateFile: string): { port: number; mark: string | null } {
  const { port, process: mark } = readStateFile(stateFile) ?? {};
  return { port: typeof port === 'number' ? port : 0, mark: typeof mark === 'string' ? mark : null };
}

async function binaryAtHand(): Promise<string> {
  const { binary } = await findTemporal();
  if (binary === null) throw new CannotStart('There is no Temporal server at hand. Run: node bin/prepare.mjs');
  return binary;
}
