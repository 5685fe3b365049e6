import type { Knex } from 'knex';

/**
 * Two keys began with the tenant. While a table is small, or has not been analysed yet, PostgreSQL took either of them
 * for `tenant_id = … and id = …` and walked all rows of the tenant: an index whose first column is the tenant looked as
 * good as the right one then, and a plan of that time is kept until the next analyze. So they begin with what tells one
 * session from all others.
 */
export async function up(knex: Knex): Promise<void> {
  await rebuild(knex, { session: 'client_id_hash, channel, tenant_id', turn: 'session_id, tenant_id, message_seq' });
}

export async function down(knex: Knex): Promise<void> {
  await rebuild(knex, { session: 'tenant_id, channel, client_id_hash', turn: 'tenant_id, session_id, message_seq' });
}

/** Under the lock of a table that is small so far: a thousand conversations take a few milliseconds. */
async function rebuild(knex: Knex, columns: { session: string; turn: string }): Promise<void> {
  await knex.raw(`alter table chat_session drop constraint chat_session_client_key`);
  await knex.raw(`
    -- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
    alter table chat_session add constraint chat_session_client_key unique (${columns.session})`);
  await knex.raw(`alter table turn drop constraint turn_tenant_id_session_id_message_seq_key`);
  await knex.raw(`
    -- squawk-ignore disallowed-unique-constraint, constraint-missing-not-valid
    alter table turn add constraint turn_tenant_id_session_id_message_seq_key unique (${columns.turn})`);
}
