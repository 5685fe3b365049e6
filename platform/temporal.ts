import { Client, Connection } from '@temporalio/client';
import { loadClientConnectConfig } from '@temporalio/envconfig';

import type { Env } from './env.ts';

export type TemporalEnv = Pick<
  Env,
  | 'TEMPORAL_ADDRESS'
  | 'TEMPORAL_NAMESPACE'
  | 'TEMPORAL_API_KEY'
  | 'TEMPORAL_TLS'
  | 'TEMPORAL_TLS_SERVER_NAME'
  | 'TEMPORAL_TLS_SERVER_CA_CERT_PATH'
  | 'TEMPORAL_TLS_CLIENT_CERT_PATH'
  | 'TEMPORAL_TLS_CLIENT_KEY_PATH'
>;

export interface TemporalClient {
  client: Client;
  close(): Promise<void>;
}

/**
 * For a process that only talks to Temporal. It connects when first used: an API starts and answers 202 without it.
 * The client's own retries stay off: one that waits for its turn when the connection is closed throws into the process,
 * and whoever hands turns over tries again by itself.
 */
export function openTemporalClient(env: TemporalEnv): TemporalClient {
  const connection = Connection.lazy({ ...connectionOptions(env), interceptors: [] });
  return { client: new Client({ connection, namespace: env.TEMPORAL_NAMESPACE }), close: () => connection.close() };
}

/** Address, API key and mTLS as Temporal's own tools name them, from our checked environment and nothing else. */
export function connectionOptions(env: TemporalEnv) {
  const given = Object.entries(env).filter(([name, value]) => name.startsWith('TEMPORAL_') && value !== undefined);
  const { connectionOptions: options } = loadClientConnectConfig({
    disableFile: true,
    overrideEnvVars: Object.fromEntries(given.map(([name, value]) => [name, String(value)])),
  });
  return options;
}
