import { openDatabase } from '#platform/database.ts';

const STREAM_POOL_MAX = 4;

interface PoolSizes {
  main: number;
  reserve: number;
  bell: number;
  /** Of the main pool: a lock that is held for longer must not take one connection after the other. */
  lockTimeoutMs?: number;
}

/** Each kind of work has connections of its own, so that a burst of one kind cannot starve the others. */
export function openPools({ DATABASE_URL: url }: { DATABASE_URL: string }, sizes: PoolSizes) {
  const { lockTimeoutMs } = sizes;
  const main = { url, applicationName: 'bob', poolMax: sizes.main };
  const knex = openDatabase(lockTimeoutMs === undefined ? main : { ...main, lockTimeoutMs });
  const reserve = openDatabase({ url, applicationName: 'bob-reserve', poolMax: sizes.reserve });
  const bell = openDatabase({ url, applicationName: 'bob-bell', poolMax: sizes.bell });
  return {
    knex,
    reserve,
    bell,
    async close(): Promise<void> {
      await Promise.all([knex.destroy(), reserve.destroy(), bell.destroy()]);
    },
  };
}

/** A worker's own one more: released text may be lost in a crash, so nobody waits until it is on disk. */
export function openWorkerPools(env: { DATABASE_URL: string; BOB_DATABASE_POOL: number }) {
  const pools = openPools(env, { main: env.BOB_DATABASE_POOL, reserve: 6, bell: 2 });
  const stream = openDatabase({
    url: env.DATABASE_URL,
    applicationName: 'bob-stream',
    poolMax: STREAM_POOL_MAX,
    synchronousCommit: 'off',
  });
  return {
    ...pools,
    stream,
    async close(): Promise<void> {
      await Promise.all([pools.close(), stream.destroy()]);
    },
  };
}
