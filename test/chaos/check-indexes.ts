import { openDatabase } from '#platform/database.ts';

const SCHEMAS = `('public')`;

/** amcheck of the whole database: each index holds every row of its table in order, each page can be read. */
export async function checkIndexes(adminUrl: string): Promise<{ checked: number; broken: string[] }> {
  const knex = openDatabase({ url: adminUrl, applicationName: 'bob-amcheck', poolMax: 1 });
  const broken: string[] = [];
  const names = async (kind: 'i' | 'r'): Promise<string[]> => {
    const { rows } = await knex.raw<{ rows: { name: string }[] }>(`
      select c.oid::regclass::text as name from pg_class c join pg_namespace n on n.oid = c.relnamespace
      left join pg_index i on i.indexrelid = c.oid left join pg_am a on a.oid = c.relam
      where c.relkind = '${kind}' and n.nspname in ${SCHEMAS} and c.relpersistence = 'p'
        and (c.relkind = 'r' or (a.amname = 'btree' and i.indisvalid))`);
    return rows.map(({ name }) => name);
  };
  try {
    await knex.raw('create extension if not exists amcheck');
    const [indexes, tables] = [await names('i'), await names('r')];
    for (const index of indexes) {
      await knex.raw('select bt_index_check(?::regclass, true)', [index]).catch((error: unknown) => {
        broken.push(`${index}: ${String(error)}`);
      });
    }
    for (const table of tables) {
      const { rows } = await knex.raw<{ rows: { msg: string }[] }>('select msg from verify_heapam(?::regclass)', [
        table,
      ]);
      broken.push(...rows.map(({ msg }) => `${table}: ${msg}`));
    }
    return { checked: indexes.length + tables.length, broken };
  } finally {
    await knex.destroy();
  }
}
