import pg from 'pg';

/** One moment of the database, read only: every check sees the same rows, whatever runs beside it. */
export interface Snapshot {
  rows<Row extends object>(sql: string): Promise<Row[]>;
  /** As many rows as there are, never all at once. */
  each<Row extends object>(sql: string): AsyncGenerator<Row>;
  close(): Promise<void>;
}

const PAGE = 1000;
const CONNECT_TIMEOUT_MS = 5000;

export async function openSnapshot(url: string): Promise<Snapshot> {
  const client = new pg.Client({
    connectionString: url,
    application_name: 'bob-check-invariants',
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
  });
  await client.connect();
  await client.query('begin isolation level repeatable read read only');
  return snapshotOn(client);
}

/** On a transaction that somebody began: a test looks at what it planted, and rolls it back. */
export async function snapshotOn(client: pg.Client): Promise<Snapshot> {
  // Hashed times are UTC; a session in another zone would print them otherwise.
  await client.query(`set time zone 'UTC'`);
  let cursors = 0;

  async function rows<Row extends object>(sql: string): Promise<Row[]> {
    return (await client.query<Row>(sql)).rows;
  }
  return {
    rows,
    async *each<Row extends object>(sql: string) {
      cursors += 1;
      const cursor = `walk_${cursors}`;
      await client.query(`declare ${cursor} no scroll cursor for ${sql}`);
      try {
        for (;;) {
          const page = await rows<Row>(`fetch ${PAGE} from ${cursor}`);
          yield* page;
          if (page.length < PAGE) return;
        }
      } finally {
        await client.query(`close ${cursor}`);
      }
    },
    close: () => client.end(),
  };
}
