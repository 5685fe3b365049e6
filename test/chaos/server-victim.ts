import { kill } from 'node:process';

import { type EmbeddedPostgres, startPostgres } from '#platform/embedded/postgres.ts';
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

export async function postgresVictim(
  dataDir: string,
): Promise<ServerVictim & Pick<EmbeddedPostgres, 'url' | 'ownerUrl'>> {
  const start = (): Promise<EmbeddedPostgres> => startPostgres({ dataDir, log });
  const first = await start();
  return { ...victimOf(first, start, first.port), url: first.url, ownerUrl: first.ownerUrl };
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
