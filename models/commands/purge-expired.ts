import type { Knex } from 'knex';

const BATCH = 1000;
const FAILURES_KEPT = '1 hour';
const KEYS_KEPT = '30 days';
const TOKENS_KEPT = '30 days';

const CHUNKS_KEPT = '10 minutes';
/** Busy streams leave thousands of pieces a minute: small batches lock little, and their number bounds one round. */
const CHUNK_BATCH = 5000;
const CHUNK_BATCHES_MAX = 100;

/** Rows that no longer decide anything: old wrong passwords and first answers, dead tokens, text that was shown. */
export async function purgeExpired(knex: Knex): Promise<void> {
  await knex.raw(
    `delete from sign_in_failure where sign_in_failure.ctid = any (array(
       select old.ctid from sign_in_failure as old where old.at < now() - interval '${FAILURES_KEPT}' limit ${BATCH}))`,
  );
  await knex.raw(
    `delete from idempotency_key where idempotency_key.ctid = any (array(
       select old.ctid from idempotency_key as old where old.created_at < now() - interval '${KEYS_KEPT}'
       limit ${BATCH}))`,
  );
  await purgeTokens(knex);
  await purgeChunks(knex);
}

/** Links of mails and sessions that nobody can use any more; who was invited stands in the audit. */
async function purgeTokens(knex: Knex): Promise<void> {
  for (const table of ['invite', 'password_reset', 'auth_session']) {
    await knex.raw(
      `delete from ?? as ended where ended.ctid = any (array(
         select old.ctid from ?? as old where old.expires_at < now() - interval '${TOKENS_KEPT}' limit ${BATCH}))`,
      [table, table],
    );
  }
}

/** A stream is resumed within minutes or never; what it said in the end is a message. */
async function purgeChunks(knex: Knex): Promise<void> {
  for (let batch = 0; batch < CHUNK_BATCHES_MAX; batch += 1) {
    const { rowCount } = await knex.raw<{ rowCount: number }>(
      `delete from reply_chunk where reply_chunk.ctid = any (array(
         select old.ctid from reply_chunk as old where old.at < now() - interval '${CHUNKS_KEPT}'
         limit ${CHUNK_BATCH}))`,
    );
    if (rowCount < CHUNK_BATCH) return;
  }
}
