import type { TemporalEnv } from '../temporal.ts';
import { checkDatabase } from './check-reachable.ts';
import { checkTemporal } from './check-temporal.ts';
import { startOfflineModel } from './offline-model/start-offline-model.ts';
import { startPostgres } from './postgres.ts';
import { type HowToStop, openStopList, type StopList } from './stop-list.ts';
import { startTemporal } from './temporal.ts';

/** What the parts need of the environment; given values are used, missing ones started. */
export interface PartsEnv extends TemporalEnv {
  BOB_DATA_DIR: string;
  DATABASE_URL?: string | undefined;
  DATABASE_OWNER_URL?: string | undefined;
  OPENAI_API_KEY?: string | undefined;
  OPENAI_BASE_URL?: string | undefined;
}

export interface Parts {
  readonly databaseUrl: string;
  readonly ownerUrl: string;
  readonly temporalAddress: string;
  /** Null: the model's own default address, reached with OPENAI_API_KEY. */
  readonly openaiBaseUrl: string | null;
  /** True when the model is our offline one. */
  readonly offline: boolean;
  /** Of what runs as a process of ours at this moment. */
  readonly pids: { postgres?: number; temporal?: number };
  stop(how?: HowToStop): Promise<void>;
}

type Log = (line: string) => void;

/** PostgreSQL, Temporal and model: your own where the environment names them, else ours. All of them, or none. */
export async function startParts(env: PartsEnv, log: Log): Promise<Parts> {
  const stops = openStopList(log);
  const stop = (how: HowToStop = { hurry: false }): Promise<void> => stops.stop(how);
  try {
    const postgres = await postgresPart(env, { log, stops });
    const temporal = await temporalPart(env, { log, stops });
    const model = await modelPart(env, { log, stops });
    return {
      databaseUrl: postgres.url,
      ownerUrl: postgres.ownerUrl,
      temporalAddress: temporal.address,
      ...model,
      get pids() {
        return { ...postgres.pids(), ...temporal.pids() };
      },
      stop,
    };
  } catch (error) {
    await stop();
    throw error;
  }
}

interface Starting {
  log: Log;
  stops: StopList;
}

async function postgresPart(env: PartsEnv, { log, stops }: Starting) {
  const url = env.DATABASE_URL;
  if (url !== undefined) {
    const ownerUrl = env.DATABASE_OWNER_URL ?? url;
    await checkDatabase('DATABASE_URL', url);
    if (ownerUrl !== url) await checkDatabase('DATABASE_OWNER_URL', ownerUrl);
    log('PostgreSQL: your own (DATABASE_URL)');
    return { url, ownerUrl, pids: () => ({}) };
  }
  const postgres = await stops.start(
    () => startPostgres({ dataDir: env.BOB_DATA_DIR, log }),
    (started, how) => started.stop(how),
  );
  log(`PostgreSQL: ${howItRuns(postgres)}, port ${postgres.port}`);
  return { url: postgres.url, ownerUrl: postgres.ownerUrl, pids: () => ({ postgres: postgres.pid }) };
}

async function temporalPart(env: PartsEnv, { log, stops }: Starting) {
  const address = env.TEMPORAL_ADDRESS;
  if (address !== undefined) {
    await checkTemporal({ ...env, TEMPORAL_ADDRESS: address });
    log('Temporal: your own (TEMPORAL_ADDRESS)');
    return { address, pids: () => ({}) };
  }
  const temporal = await stops.start(
    () => startTemporal({ dataDir: env.BOB_DATA_DIR, log, namespace: env.TEMPORAL_NAMESPACE }),
    (started, how) => started.stop(how),
  );
  log(`Temporal: ${howItRuns(temporal)}, ${temporal.address}`);
  return { address: temporal.address, pids: () => ({ temporal: temporal.pid }) };
}

async function modelPart(env: PartsEnv, { log, stops }: Starting) {
  if (env.OPENAI_API_KEY !== undefined || env.OPENAI_BASE_URL !== undefined) {
    log('Model: your own');
    return { openaiBaseUrl: env.OPENAI_BASE_URL ?? null, offline: false };
  }
  const model = await stops.start(
    () => startOfflineModel(),
    (started) => started.stop(),
  );
  log('Model: offline (it answers from your sources; set OPENAI_API_KEY or OPENAI_BASE_URL for a real one)');
  return { openaiBaseUrl: model.url, offline: true };
}

function howItRuns({ adopted, pid }: { adopted: boolean; pid: number }): string {
  return adopted ? `found running (process ${pid})` : `started (process ${pid})`;
}
