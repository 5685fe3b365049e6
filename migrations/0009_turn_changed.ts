import type { Knex } from 'knex';

/** Raised inside the statement that ends a turn, when a fact it was made from is no longer true: nothing is kept. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function turn_changed() returns text language plpgsql volatile as $$
    begin
      raise exception 'the turn has changed since it was opened' using errcode = 'BC002';
    end $$`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop function turn_changed()`);
}
