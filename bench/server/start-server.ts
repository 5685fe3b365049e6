import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';
import { freeLowPorts } from '../plan/free-ports.ts';
import { killQuietly, type Program, startProgram, waitFor } from '../plan/program.ts';
import { findServer, type ServerBinaries } from './find-server.ts';
import { openNamespace } from './open-namespace.ts';
import { runProgram } from './run-program.ts';
import { dynamicConfig, serverConfig, type ServerDatabase, SERVICES, STORES } from './server-config.ts';

export interface TemporalServer {
  address: string;
  pid: number;
}

interface Starting {
  folder: string;
  started: Program[];
  /** A role of a PostgreSQL cluster that may create databases. */
  ownerUrl: string;
  namespace: string;
  tell: (line: string) => void;
}

const SCHEMA_TIMEOUT_MS = 60_000;
const READY_TIMEOUT_MS = 90_000;

/** A Temporal server with its state in two databases of this cluster, with the namespace in it. */
export async function startServer(starting: Starting): Promise<TemporalServer> {
  const { folder, started, ownerUrl, namespace } = starting;
  const binaries = await findServer(starting);
  const database = databaseOf(ownerUrl);
  await createDatabases(ownerUrl);
  await createTables(starting, { binaries, database });
  const ports = await freeLowPorts(2 * SERVICES.length);
  const dynamicPath = join(folder, 'temporal-dynamic.yaml');
  const configPath = join(folder, 'temporal-server.yaml');
  await writeFile(dynamicPath, dynamicConfig());
  // It holds the password of the cluster's owner.
  await writeFile(configPath, serverConfig({ database, ports, dynamicPath }), { mode: 0o600 });
  const program = startProgram({
    command: binaries.server,
    args: ['--config-file', configPath, '--allow-no-auth', 'start'],
    env: {},
    cwd: folder,
    logPath: join(folder, 'temporal-server.log'),
  });
  // Its database is gone before it and its state is thrown away: nothing is left to be ended well.
  started.push({ ...program, stop: async () => killQuietly(-program.pid) });
  const address = `127.0.0.1:${ports[0]}`;
  const probe = (): Promise<true | null> => openNamespace(address, namespace);
  await waitFor(program, { what: 'The Temporal server', timeoutMs: READY_TIMEOUT_MS, probe });
  return { address, pid: program.pid };
}

function databaseOf(ownerUrl: string): ServerDatabase {
  const { host, username, password } = new URL(ownerUrl);
  return { address: host, user: decodeURIComponent(username), password: decodeURIComponent(password) };
}

async function createDatabases(ownerUrl: string): Promise<void> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    for (const name of Object.values(STORES)) await client.query(`create database ${client.escapeIdentifier(name)}`);
  } finally {
    await client.end();
  }
}

async function createTables(
  { folder, started }: Starting,
  { binaries, database }: { binaries: ServerBinaries; database: ServerDatabase },
): Promise<void> {
  const [host = '', port = ''] = database.address.split(':');
  const env = {
    SQL_PLUGIN: 'postgres12_pgx',
    SQL_HOST: host,
    SQL_PORT: port,
    SQL_USER: database.user,
    SQL_PASSWORD: database.password,
  };
  for (const [schema, name] of Object.entries(STORES)) {
    const versions = [
      ['setup-schema', '-v', '0.0'],
      ['update-schema', '--schema-name', `postgresql/v12/${schema}`],
    ];
    for (const args of versions) {
      await runProgram(started, {
        command: binaries.sqlTool,
        args,
        env: { ...env, SQL_DATABASE: name },
        cwd: folder,
        logPath: join(folder, 'temporal-schema.log'),
        timeoutMs: SCHEMA_TIMEOUT_MS,
      });
    }
  }
}
