import { stat } from 'node:fs/promises';
import { join } from 'node:path';
import { Client } from 'pg';

/** What PostgreSQL and Temporal hold on disk for this product, logs of changes not yet folded in included. */
export async function databaseBytes({ ownerUrl, dataDir }: { ownerUrl: string; dataDir: string }): Promise<number> {
  const client = new Client({ connectionString: ownerUrl });
  await client.connect();
  try {
    // Temporal's own two are there when it keeps its state in this cluster.
    const answer = await client.query<{ bytes: string }>(
      `select sum(pg_database_size(datname)) as bytes from pg_database
       where datname in (current_database(), 'temporal', 'temporal_visibility')`,
    );
    const files = ['temporal.db', 'temporal.db-wal'].map((name) => fileBytes(join(dataDir, 'temporal', name)));
    const sizes = await Promise.all(files);
    return sizes.reduce((sum, bytes) => sum + bytes, Number(answer.rows[0]?.bytes ?? 0));
  } finally {
    await client.end();
  }
}

async function fileBytes(path: string): Promise<number> {
  const found = await stat(path).catch(() => null);
  return found?.size ?? 0;
}
