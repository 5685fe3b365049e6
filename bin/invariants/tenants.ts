import type { Check, Invariant } from './invariant.ts';
import type { Snapshot } from './open-snapshot.ts';

/** Tables with a `tenant_id`, and the columns of a key in their order. */
const KEY_COLUMNS = `
  select a.attname from unnest(k.conkey) with ordinality as part (attnum, place)
  join pg_attribute a on a.attrelid = k.conrelid and a.attnum = part.attnum order by part.place`;

const TENANT_TABLES = `
  select c.oid, c.relname from pg_class c
  join pg_namespace n on n.oid = c.relnamespace and n.nspname = current_schema()
  join pg_attribute a on a.attrelid = c.oid and a.attname = 'tenant_id' and not a.attisdropped
  where c.relkind in ('r', 'p')`;

export const tenantsStayApart: Invariant = {
  id: 'I9',
  says: 'tenant_id is equal along every reference',
  subjects: { noun: 'tables of a tenant', sql: `select count(*) from (${TENANT_TABLES}) as tables` },
  derive: async (snapshot) => [...(await foreignKeyChecks(snapshot)), ...LINKS.map(linkCheck)],
  checks: [
    {
      says: 'every foreign key between tables of a tenant includes tenant_id on both sides',
      sql: `select child.relname as "table", k.conname as foreign_key from pg_constraint k
        join (${TENANT_TABLES}) child on child.oid = k.conrelid
        join (${TENANT_TABLES}) parent on parent.oid = k.confrelid
        where k.contype = 'f' and not exists (select from unnest(k.conkey, k.confkey) as part (own, other)
          join pg_attribute a on a.attrelid = k.conrelid and a.attnum = part.own and a.attname = 'tenant_id'
          join pg_attribute b on b.attrelid = k.confrelid and b.attnum = part.other and b.attname = 'tenant_id')`,
    },
    {
      says: 'the primary key of every table of a tenant starts with tenant_id',
      sql: `select t.relname as "table" from (${TENANT_TABLES}) t
        left join pg_constraint k on k.conrelid = t.oid and k.contype = 'p'
        where k.oid is null or 'tenant_id' is distinct from (array(${KEY_COLUMNS}))[1]`,
    },
  ],
};

interface ForeignKey {
  conname: string;
  child: string;
  parent: string;
  own: string[];
  other: string[];
}

const FOREIGN_KEYS = `
  select k.conname, k.conrelid::regclass::text as child, k.confrelid::regclass::text as parent,
    array(select quote_ident(a.attname) from unnest(k.conkey) with ordinality as part (attnum, place)
      join pg_attribute a on a.attrelid = k.conrelid and a.attnum = part.attnum order by part.place) as own,
    array(select quote_ident(a.attname) from unnest(k.confkey) with ordinality as part (attnum, place)
      join pg_attribute a on a.attrelid = k.confrelid and a.attnum = part.attnum order by part.place) as other
  from pg_constraint k join (${TENANT_TABLES}) t on t.oid = k.conrelid
  where k.contype = 'f' order by k.conname`;

/** The constraints forbid such rows; a restore or a repair with triggers off can make them all the same. */
async function foreignKeyChecks(snapshot: Snapshot): Promise<Check[]> {
  const keys = await snapshot.rows<ForeignKey>(FOREIGN_KEYS);
  return keys.map(({ conname, child, parent, own, other }) => ({
    says: `${child} points at rows that exist (${conname})`,
    sql: missingSql({ child, parent, pairs: own.map((column, index) => [column, other[index] ?? column]) }),
  }));
}

/** References without a foreign key, because it would lock a hot row: child table, column, parent table, column. */
const LINKS: readonly [string, string, string, string][] = [
  ['message', 'turn_id', 'turn', 'id'],
  ['accepted_message', 'message_id', 'message', 'id'],
  ['credit_hold', 'turn_id', 'turn', 'id'],
  ['credit_hold', 'grant_id', 'credit_grant', 'id'],
  ['usage_line', 'turn_id', 'turn', 'id'],
  ['usage_line', 'session_id', 'chat_session', 'id'],
  ['usage_line', 'persona_version_id', 'persona_version', 'id'],
  ['provider_attempt', 'turn_id', 'turn', 'id'],
  ['ledger_inbox', 'turn_id', 'turn', 'id'],
  ['ledger_entry', 'seq', 'ledger_tx', 'seq'],
];

function linkCheck([child, column, parent, target]: (typeof LINKS)[number]): Check {
  const pairs: [string, string][] = [
    ['tenant_id', 'tenant_id'],
    [column, target],
  ];
  return { says: `${child}.${column} is of the same tenant`, sql: missingSql({ child, parent, pairs }) };
}

function missingSql({ child, parent, pairs }: { child: string; parent: string; pairs: [string, string][] }): string {
  const columns = pairs.map(([own]) => `c.${own}`).join(', ');
  const given = pairs.map(([own]) => `c.${own} is not null`).join(' and ');
  const equal = pairs.map(([own, other]) => `p.${other} = c.${own}`).join(' and ');
  return `select ${columns} from ${child} c where ${given} and not exists (select from ${parent} p where ${equal})`;
}
