/** Where the server finds its tables; both databases are of one cluster. */
export interface ServerDatabase {
  address: string;
  user: string;
  password: string;
}

export const STORES = { temporal: 'temporal', visibility: 'temporal_visibility' } as const;

export const SERVICES = ['frontend', 'history', 'matching', 'worker'] as const;

// The same as the embedded server has, and docs/operate/settings.md asks of an operator.
const DYNAMIC = {
  'system.enableActivityEagerExecution': true,
  'matching.enableFairness': true,
  'history.transferProcessorMaxPollRPS': 10_000,
  'history.timerProcessorMaxPollRPS': 10_000,
  'matching.numTaskqueueReadPartitions': 1,
  'matching.numTaskqueueWritePartitions': 1,
};

/** JSON is YAML, which is what the server reads. */
export function dynamicConfig(): string {
  return JSON.stringify(Object.fromEntries(Object.entries(DYNAMIC).map(([name, value]) => [name, [{ value }]])));
}

/** Two ports for each service, frontend first; 4 shards, and connections that leave the product its own. */
export function serverConfig(given: {
  database: ServerDatabase;
  ports: readonly number[];
  dynamicPath: string;
}): string {
  const { database, ports, dynamicPath } = given;
  const frontend = `127.0.0.1:${ports[0]}`;
  const services = SERVICES.map((name, index): [string, object] => {
    const [grpcPort, membershipPort] = ports.slice(2 * index);
    return [name, { rpc: { grpcPort, membershipPort, bindOnLocalHost: true } }];
  });
  return JSON.stringify({
    log: { stdout: true, level: 'warn' },
    persistence: {
      defaultStore: 'default',
      visibilityStore: 'visibility',
      numHistoryShards: 4,
      datastores: {
        default: { sql: storeOf(database, { databaseName: STORES.temporal, maxConns: 20 }) },
        visibility: { sql: storeOf(database, { databaseName: STORES.visibility, maxConns: 4 }) },
      },
    },
    global: { membership: { maxJoinDuration: '30s', broadcastAddress: '127.0.0.1' } },
    services: Object.fromEntries(services),
    clusterMetadata: {
      enableGlobalNamespace: false,
      failoverVersionIncrement: 10,
      masterClusterName: 'active',
      currentClusterName: 'active',
      clusterInformation: {
        active: { enabled: true, initialFailoverVersion: 1, rpcName: 'frontend', rpcAddress: frontend },
      },
    },
    dcRedirectionPolicy: { policy: 'noop' },
    publicClient: { hostPort: frontend },
    dynamicConfigClient: { filepath: dynamicPath, pollInterval: '60s' },
  });
}

function storeOf({ address, user, password }: ServerDatabase, store: { databaseName: string; maxConns: number }) {
  const { databaseName, maxConns } = store;
  return {
    pluginName: 'postgres12_pgx',
    databaseName,
    connectAddr: address,
    connectProtocol: 'tcp',
    user,
    password,
    maxConns,
    maxIdleConns: maxConns,
    maxConnLifetime: '1h',
  };
}
