import type { Knex } from 'knex';

const DESCRIPTION = `
  select 'column ' || c.table_name || '.' || c.column_name || ' ' || c.data_type || ' ' || c.is_nullable
      || coalesce(' default ' || c.column_default, '') as line
    from information_schema.columns c where c.table_schema = 'public'
  union all
  select 'index ' || i.indexdef from pg_indexes i where i.schemaname = 'public'
  union all
  select 'constraint ' || k.conrelid::regclass || ' ' || k.conname || ' ' || pg_get_constraintdef(k.oid)
    from pg_constraint k where k.connamespace = 'public'::regnamespace and k.conrelid <> 0
  union all
  select 'function ' || p.oid::regprocedure || ' ' || md5(p.prosrc)
    from pg_proc p where p.pronamespace = 'public'::regnamespace
      and not exists (select 1 from pg_depend d where d.objid = p.oid and d.deptype = 'e')
  union all
  select 'trigger ' || t.tgrelid::regclass || ' ' || t.tgname from pg_trigger t where not t.tgisinternal
  union all
  select 'type ' || y.typname from pg_type y
    where y.typnamespace = 'public'::regnamespace and y.typtype in ('d', 'e', 'r')`;

/** One line for everything a migration can leave in the schema, sorted. */
export async function describeSchema(knex: Knex): Promise<string[]> {
  const { rows } = await knex.raw<{ rows: { line: string }[] }>(`${DESCRIPTION} order by line`);
  return rows.map((row) => row.line).filter((line) => !line.includes('knex_migrations'));
}
