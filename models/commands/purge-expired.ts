import type { Knex } from 'knex';

interface Expired {
  table: string;
  /** The time that a row grows old by. */
  column: string;
  kept: string;
  batch: number;
}

const BATCH = 1000;
/** Busy streams leave thousands of pieces a minute: small batches lock little, and their number bounds one round. */
const CHUNK_BATCHES_MAX = 100;
const CHUNKS: Expired = { table: 'reply_chunk', column: 'at', kept: '10 minutes', batch: 5000 };

/** What no longer decides anything. Who was invited stands in the audit. */
const EXPIRED: readonly Expired[] = [
  { table: 'sign_in_failure', column: 'at', kept: '1 hour', batch: BATCH },
  { table: 'idempotency_key', column: 'created_at', kept: '30 days', batch: BATCH },
  { table: 'invite', column: 'expires_at', kept: '30 days', batch: BATCH },
  { table: 'password_reset', column: 'expires_at', kept: '30 days', batch: BATCH },
  { table: 'auth_session', column: 'expires_at', kept: '30 days', batch: BATCH },
];

/** Old wrong passwords and first answers, dead tokens, text that was shown. */
export async function purgeExpired(knex: Knex): Promise<void> {
  for (const expired of EXPIRED) await purgeBatch(knex, expired);
  // A stream is resumed within minutes or never; what it said in the end is a message.
  for (let batch = 0; batch < CHUNK_BATCHES_MAX; batch += 1) {
    if ((await purgeBatch(knex, CHUNKS)) < CHUNKS.batch) return;
  }
}

async function purgeBatch(knex: Knex, { table, column, kept, batch }: Expired): Promise<number> {
  const { rowCount } = await knex.raw<{ rowCount: number }>(
    `delete from :table: as expired where expired.ctid = any (array(
       select old.ctid from :table: as old where old.:column: < now() - :kept::interval limit :batch))`,
    { table, column, kept, batch },
  );
  return rowCount;
}
