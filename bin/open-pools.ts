import { openDatabase } from '#platform/database.ts';

/** Each kind of work has connections of its own, so that a burst of one kind cannot starve the others. */
export function openPools(
  { DATABASE_URL: url }: { DATABASE_URL: string },
  sizes: { main: number; reserve: number; bell: number },
) {
  const knex = openDatabase({ url, applicationName: 'bob', poolMax: sizes.main });
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
