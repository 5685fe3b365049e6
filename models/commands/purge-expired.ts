import type { Knex } from 'knex';

const BATCH = 1000;
const FAILURES_KEPT = '1 hour';
const KEYS_KEPT = '30 days';

/** Rows that no longer decide anything: old wrong passwords, and first answers whose key has had its time. */
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
}
