import type { Knex } from 'knex';

/** Personas as chains of immutable versions, and the policies they may only tighten (governance: persona, policies). */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table persona (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      slug text not null,
      is_default boolean not null default false,
      live_version_id uuid,
      created_at timestamptz(3) not null,
      archived_at timestamptz(3),
      primary key (tenant_id, id),
      unique (tenant_id, slug)
    )`);
  await knex.raw(`create unique index persona_one_default on persona (tenant_id) where is_default`);

  await knex.raw(`
    create table persona_version (
      tenant_id uuid not null,
      id uuid not null,
      persona_id uuid not null,
      number integer,
      state text not null check (state in ('draft', 'in_review', 'published', 'retired', 'recalled')),
      schema_version integer not null,
      snapshot jsonb not null,
      content_hash text not null,
      parent_id uuid,
      source text not null check (source in ('edit', 'restore', 'import')),
      changelog text,
      created_by uuid,
      published_by uuid,
      created_at timestamptz(3) not null,
      published_at timestamptz(3),
      primary key (tenant_id, id),
      unique (tenant_id, persona_id, number),
      foreign key (tenant_id, persona_id) references persona (tenant_id, id),
      foreign key (tenant_id, parent_id) references persona_version (tenant_id, id),
      check (state in ('draft', 'in_review') or (number is not null and changelog is not null))
    )`);
  await knex.raw(`create unique index persona_version_one_draft on persona_version (tenant_id, persona_id)
    where state = 'draft'`);
  await knex.raw(`
    alter table persona add constraint persona_live_version foreign key (tenant_id, live_version_id)
    references persona_version (tenant_id, id) deferrable initially deferred`);

  // What a visitor was answered under must stay readable for ever: the words of a published version never change.
  await knex.raw(`
    create function refuse_published_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'DELETE' and old.state not in ('draft', 'in_review') then
        raise exception 'a published persona version cannot be deleted' using errcode = 'BC003';
      elsif tg_op = 'UPDATE' and old.state not in ('draft', 'in_review') and
        (new.snapshot, new.content_hash, new.number, new.persona_id, new.schema_version, new.changelog) is distinct from
        (old.snapshot, old.content_hash, old.number, old.persona_id, old.schema_version, old.changelog) then
        raise exception 'a published persona version cannot change' using errcode = 'BC003';
      end if;
      return case when tg_op = 'DELETE' then old else new end;
    end $$`);
  await knex.raw(`
    create trigger persona_version_immutable before update or delete on persona_version
    for each row execute function refuse_published_change()`);

  await knex.raw(`
    create table policy_set (
      tenant_id uuid not null references tenant (id),
      layer text not null check (layer in ('operator', 'tenant')),
      version integer not null,
      document jsonb not null,
      hash text not null,
      created_by uuid,
      created_at timestamptz(3) not null,
      primary key (tenant_id, layer, version)
    )`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop table policy_set`);
  await knex.raw(`alter table persona drop constraint persona_live_version`);
  await knex.raw(`drop table persona_version, persona`);
  await knex.raw(`drop function refuse_published_change()`);
}
