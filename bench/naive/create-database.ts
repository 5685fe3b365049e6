import { Client } from 'pg';

const TABLES = `
  create table if not exists sessions (id text primary key, created_at timestamptz not null default now());
  create table if not exists messages (
    id bigint generated always as identity primary key,
    session_id text not null references sessions (id),
    role text not null,
    content text not null,
    created_at timestamptz not null default now()
  );
  create index if not exists messages_by_session on messages (session_id, id);`;

/** Makes the database that the URL names, where it is missing, and the two tables in it. */
export async function createDatabase(url: string): Promise<void> {
  const name = decodeURIComponent(new URL(url).pathname.slice(1));
  const maintenance = new URL(url);
  maintenance.pathname = '/postgres';
  await withClient(maintenance.href, async (client) => {
    const found = await client.query('select 1 from pg_database where datname = $1', [name]);
    if (found.rowCount === 0) await client.query(`create database ${client.escapeIdentifier(name)}`);
  });
  await withClient(url, async (client) => {
    await client.query(TABLES);
  });
}

async function withClient(url: string, use: (client: Client) => Promise<void>): Promise<void> {
  const client = new Client({ connectionString: url });
  await client.connect();
  try {
    await use(client);
  } finally {
    await client.end();
  }
}
