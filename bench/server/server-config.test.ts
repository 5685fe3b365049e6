import { expect, test } from 'vitest';
import { parseRecord } from '../wire/parse-record.ts';
import { dynamicConfig, serverConfig } from './server-config.ts';

test('the server keeps its state in two databases, in four shards, and listens on loopback only', () => {
  const database = { address: '127.0.0.1:5', user: 'owner', password: 'secret' };
  const config = parseRecord(serverConfig({ database, ports: [1, 2, 3, 4, 5, 6, 7, 8], dynamicPath: '/d.yaml' }));
  expect(config['persistence']).toMatchObject({
    numHistoryShards: 4,
    datastores: {
      default: { sql: { databaseName: 'temporal', connectAddr: '127.0.0.1:5', pluginName: 'postgres12_pgx' } },
      visibility: { sql: { databaseName: 'temporal_visibility' } },
    },
  });
  expect(config['services']).toMatchObject({
    frontend: { rpc: { grpcPort: 1, membershipPort: 2, bindOnLocalHost: true } },
    worker: { rpc: { grpcPort: 7, membershipPort: 8, bindOnLocalHost: true } },
  });
  expect(config['publicClient']).toEqual({ hostPort: '127.0.0.1:1' });
});

test('a dispatched task does not wait for the poll rate of a shard', () => {
  expect(parseRecord(dynamicConfig())['history.transferProcessorMaxPollRPS']).toEqual([{ value: 10_000 }]);
});
