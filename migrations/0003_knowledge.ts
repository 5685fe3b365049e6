import type { Knex } from 'knex';

/** What a tenant approved Bob to answer from. Revisions stay, because receipts name the one that was used. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create table source (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      name text not null,
      language text not null,
      url text,
      state text not null check (state in ('processing', 'ready', 'failed', 'removed')),
      latest_revision integer not null,
      created_at timestamptz(3) not null,
      primary key (tenant_id, id)
    )`);

  await knex.raw(`
    create table source_revision (
      tenant_id uuid not null,
      source_id uuid not null,
      number integer not null,
      sha256 text not null,
      extractor text not null,
      created_at timestamptz(3) not null,
      primary key (tenant_id, source_id, number),
      foreign key (tenant_id, source_id) references source (tenant_id, id)
    )`);

  await knex.raw(`
    create table source_chunk (
      tenant_id uuid not null,
      source_id uuid not null,
      revision integer not null,
      ordinal integer not null,
      heading text not null,
      body text not null,
      language text not null,
      tsv tsvector not null,
      primary key (tenant_id, source_id, revision, ordinal),
      foreign key (tenant_id, source_id, revision) references source_revision (tenant_id, source_id, number)
    )`);
  await knex.raw(`create index source_chunk_tsv on source_chunk using gin (tsv)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop table source_chunk, source_revision, source`);
}
