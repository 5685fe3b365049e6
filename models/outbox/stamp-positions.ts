import type { Knex } from 'knex';

const BATCH = 1000;
/** Any number will do, as long as nothing else takes it: "bobpos" in hex. */
const WRITER_LOCK = '0x626f62706f73';

/**
 * Gives committed events their place in the tenant's feed and tells how many got one. After the commit, since an id, a
 * time or a transaction id would let an event that commits late slip in behind a reader's cursor.
 */
export async function stampPositions(knex: Knex): Promise<number> {
  // Quiet when idle: this look is an empty index, and no transaction begins.
  const waiting = await knex.raw<{ rows: { any: boolean }[] }>(ANY_UNSTAMPED);
  if (waiting.rows[0]?.any !== true) return 0;
  return knex.transaction(async (trx) => {
    const lock = await trx.raw<{ rows: { won: boolean }[] }>(`select pg_try_advisory_xact_lock(?::bigint) as won`, [
      BigInt(WRITER_LOCK).toString(),
    ]);
    // Another relay is at it. Two writers could interleave their numbers.
    if (lock.rows[0]?.won !== true) return 0;
    const stamped = await trx.raw<{ rowCount: number }>(STAMP);
    return stamped.rowCount;
  });
}

const ANY_UNSTAMPED = `
  select exists (select from webhook_event where webhook_event.pos is null and not webhook_event.test) as any`;

const STAMP = `
  with batch as materialized (
    select webhook_event.tenant_id, webhook_event.no from webhook_event
    where webhook_event.pos is null and not webhook_event.test
    order by webhook_event.no limit ${BATCH}
  ), numbered as materialized (
    select batch.tenant_id, batch.no, nextval('webhook_event_pos') as pos from batch
  )
  update webhook_event set pos = numbered.pos from numbered
  where webhook_event.tenant_id = numbered.tenant_id and webhook_event.no = numbered.no`;
