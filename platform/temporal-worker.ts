import { Client } from '@temporalio/client';
import { NativeConnection } from '@temporalio/worker';

import { connectionOptions, type TemporalClient, type TemporalEnv } from './temporal.ts';

/** For a process that also works: worker and client share one native connection. */
export async function connectWorker(env: TemporalEnv): Promise<TemporalClient & { connection: NativeConnection }> {
  // What travels is a few hundred bytes of ids: packing it costs more time than sending it.
  const connection = await NativeConnection.connect({ ...connectionOptions(env), grpcCompression: { codec: 'none' } });
  return {
    connection,
    client: new Client({ connection, namespace: env.TEMPORAL_NAMESPACE }),
    close: () => connection.close(),
  };
}
