import { join } from 'node:path';
import { kill } from 'node:process';

import { type EmbeddedPostgres, startPostgres } from '#platform/embedded/postgres.ts';
import { readPostgresState } from '#platform/embedded/postgres-state.ts';
import { startTemporal } from '#platform/embedded/temporal.ts';

interface Server {
  readonly pid: number;
  stop(options?: { hurry?: boolean }): Promise<void>;
}

export interface ServerVictim {
  readonly port: number;
  /** SIGKILL; it is started again a second later, as `bob up` does it. */
  killNow(): void;
  /** Gone until `comeBack`: PostgreSQL by an immediate shutdown, Temporal by SIGKILL. */
  goAway(): Promise<void>;
  /** On the same port, with what lies on the disk. */
  comeBack(): Promise<void>;
  end(): Promise<void>;
}

const log = (line: string): void => void process.stderr.write(`${line}\n`);

export interface PostgresVictim extends ServerVictim, Pick<EmbeddedPostgres, 'url' | 'ownerUrl'> {
  /** Who may look at pages: amcheck is for administrators. */
  adminUrl(): string;
}

export async function postgresVictim(dataDir: string): Promise<PostgresVictim> {
  const start = (): Promise<EmbeddedPostgres> => startPostgres({ dataDir, log });
  const first = await start();
  const { url, ownerUrl, port } = first;
  const adminUrl = (): string => {
    const { adminPassword } = readPostgresState(join(dataDir, 'postgres', 'postgres.json'), join(dataDir, 'postgres'));
    return `postgres://postgres:${adminPassword}@127.0.0.1:${port}/bob`;
  };
  return { ...victimOf(first, start, port), url, ownerUrl, adminUrl };
}

export async function temporalVictim(dataDir: string): Promise<ServerVictim> {
  const start = () => startTemporal({ dataDir, log });
  const first = await start();
  return victimOf(first, start, Number(first.address.split(':')[1]));
}

function victimOf(first: Server, start: () => Promise<Server>, port: number): ServerVictim {
  let server: Server | null = first;
  const goAway = async (): Promise<void> => {
    const leaving = server;
    server = null;
    await leaving?.stop({ hurry: true });
  };
  return {
    port,
    killNow: () => server !== null && kill(server.pid, 'SIGKILL'),
    goAway,
    async comeBack() {
      server ??= await start();
    },
    end: goAway,
  };
}
