import type { Env } from '#platform/env.ts';
import { startParts } from '#platform/embedded/start-parts.ts';
import type { StopList } from '#platform/embedded/stop-list.ts';
import type { Prepared } from '../migrate-database.ts';
import { checkPort } from './check-port.ts';
import { type CompleteEnv, completeEnv } from './complete-env.ts';
import { holdDataDir } from './hold-data-dir.ts';
import { keepPids } from './keep-pids.ts';

interface Service {
  stop(how: { hurry: boolean }): Promise<void>;
}

/** The product on top of its parts. */
export interface Product {
  /** Migrations and first data. */
  prepareDatabase(env: CompleteEnv, log: (line: string) => void): Promise<Prepared>;
  startWorker(env: CompleteEnv): Promise<Service>;
  startApi(env: CompleteEnv): Promise<Service & { url: string }>;
}

interface Bringing {
  env: Env;
  stops: StopList;
  log: (line: string) => void;
}

/** Everything of `bob up`, from an empty folder to a Bob that answers. Stopped in the opposite order. */
export async function bringUp(
  product: Product,
  { env, stops, log }: Bringing,
): Promise<Prepared & { env: CompleteEnv; url: string }> {
  await checkPort(env);
  await stops.start(
    async () => holdDataDir(env.BOB_DATA_DIR),
    async (release) => release(),
  );
  const parts = await stops.start(
    () => startParts(env, log),
    (started, how) => started.stop(how),
  );
  await stops.start(
    async () => keepPids(env.BOB_DATA_DIR, () => ({ api: process.pid, worker: process.pid, ...parts.pids })),
    async (forget) => forget(),
  );
  const complete = completeEnv(env, parts);
  const prepared = await product.prepareDatabase(complete, log);
  await stops.start(
    () => product.startWorker(complete),
    (worker, how) => worker.stop(how),
  );
  log('Worker: started');
  const api = await stops.start(
    () => product.startApi(complete),
    (started, how) => started.stop(how),
  );
  return { ...prepared, env: complete, url: api.url };
}
