import type { Knex } from 'knex';

/**
 * What the caller needs is not taken from it, although every route is called: who signs out, leaves the team, revokes
 * the own key or suspends the own tenant is answered as ever, and then has everything still. By triggers, because a
 * moment without it would be a thousand calls that try nothing but a 401.
 */
const KEPT: readonly { table: string; key: string; keeps: string }[] = [
  { table: 'tenant', key: 'id', keeps: `new.status := old.status; new.public_chat := true;` },
  {
    table: 'app_user',
    key: 'id',
    keeps: `new.disabled_at := null; new.role := old.role; new.password_hash := old.password_hash;`,
  },
  { table: 'auth_session', key: 'token_hash', keeps: 'new.revoked_at := null;' },
  { table: 'api_key', key: 'id', keeps: 'new.revoked_at := null;' },
  { table: 'widget_key', key: 'key', keeps: 'new.ends_at := null; new.replaced_by := null;' },
];

/** Once for a database, before anything is kept in it. */
export async function allowKeeping(knex: Knex): Promise<void> {
  await knex.raw(`create table fuzz_kept (value text primary key)`);
  for (const { table, key, keeps } of KEPT) {
    const kept = `exists (select 1 from fuzz_kept where fuzz_kept.value = new.${key}::text)`;
    await install(knex, table, { when: 'before update', body: `if ${kept} then ${keeps} end if; return new;` });
  }
  const listed = `exists (select 1 from fuzz_kept where fuzz_kept.value = old.origin)`;
  await install(knex, 'widget_origin', {
    when: 'before delete',
    body: `if ${listed} then return null; end if; return old;`,
  });
  // One address sends all these wrong passwords: it would be locked out, and no right one tried.
  await install(knex, 'sign_in_failure', { when: 'before insert', body: 'return null;' });
}

async function install(knex: Knex, table: string, { when, body }: { when: string; body: string }): Promise<void> {
  await knex.raw(
    `create function fuzz_keep_${table}() returns trigger language plpgsql security definer as $$ begin ${body} end $$`,
  );
  await knex.raw(`create trigger fuzz_keep ${when} on ${table} for each row execute function fuzz_keep_${table}()`);
}

/** Ids as the columns hold them, token hashes, public keys, origins. */
export async function keep(knex: Knex, values: readonly string[]): Promise<void> {
  for (const value of values) {
    await knex.raw(`insert into fuzz_kept (value) values (?) on conflict do nothing`, [value]);
  }
}
