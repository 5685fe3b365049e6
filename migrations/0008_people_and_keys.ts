import type { Knex } from 'knex';

/** How people come in (invites, new passwords), and with what programs and pages prove whose they are. */
export async function up(knex: Knex): Promise<void> {
  // Null languages: those of the product. Null days: conversations are kept until somebody erases them.
  await knex.raw(`
    alter table tenant
      add column languages text[],
      add column transcript_days integer check (transcript_days between 1 and 3650)`);

  // Whoever left a team may sign up, or join another one, with the same address. People are few: the lock is short.
  await knex.raw(`alter table app_user drop constraint app_user_realm_email_key`);
  await knex.raw(`
    -- squawk-ignore require-concurrent-index-creation
    create unique index app_user_realm_email_key on app_user (realm, email) where disabled_at is null`);

  await indexAudit(knex);

  await knex.raw(`
    create table api_key (
      tenant_id uuid not null,
      id uuid not null,
      name text not null,
      secret_hash text not null constraint api_key_secret_hash_key unique,
      hint text not null,
      scopes text[] not null,
      created_by uuid not null,
      created_at timestamptz(3) not null,
      last_used_at timestamptz(3),
      revoked_at timestamptz(3),
      primary key (tenant_id, id),
      foreign key (tenant_id, created_by) references app_user (tenant_id, id)
    )`);
  await knex.raw(`create index api_key_creator on api_key (tenant_id, created_by)`);

  await knex.raw(`
    create table invite (
      tenant_id uuid not null,
      id uuid not null,
      email text not null check (email = lower(email)),
      name text,
      role text not null check (role in ('owner', 'admin', 'agent', 'viewer', 'support')),
      token_hash text not null constraint invite_token_hash_key unique,
      invited_by uuid not null,
      created_at timestamptz(3) not null,
      expires_at timestamptz(3) not null,
      accepted_at timestamptz(3),
      revoked_at timestamptz(3),
      primary key (tenant_id, id),
      foreign key (tenant_id, invited_by) references app_user (tenant_id, id)
    )`);
  await knex.raw(`create unique index invite_one_open on invite (tenant_id, email)
    where accepted_at is null and revoked_at is null`);
  await knex.raw(`create index invite_inviter on invite (tenant_id, invited_by)`);

  await knex.raw(`
    create table password_reset (
      tenant_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      token_hash text not null constraint password_reset_token_hash_key unique,
      created_at timestamptz(3) not null,
      expires_at timestamptz(3) not null,
      used_at timestamptz(3),
      primary key (tenant_id, id),
      foreign key (tenant_id, user_id) references app_user (tenant_id, id)
    )`);
  await knex.raw(`create index password_reset_user on password_reset (tenant_id, user_id)`);

  // The key is public: it stands in pages. What it opens is bound to the tenant's list of origins.
  await knex.raw(`
    create table widget_key (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      key text not null constraint widget_key_key unique,
      name text not null,
      created_by uuid,
      created_at timestamptz(3) not null,
      ends_at timestamptz(3),
      replaced_by uuid,
      primary key (tenant_id, id),
      foreign key (tenant_id, created_by) references app_user (tenant_id, id),
      foreign key (tenant_id, replaced_by) references widget_key (tenant_id, id)
    )`);
  await knex.raw(`create index widget_key_creator on widget_key (tenant_id, created_by)`);
  await knex.raw(`create index widget_key_successor on widget_key (tenant_id, replaced_by)`);

  await knex.raw(`
    create table widget_origin (
      tenant_id uuid not null references tenant (id),
      origin text not null,
      created_at timestamptz(3) not null,
      primary key (tenant_id, origin)
    )`);
  await knex.raw(`create index widget_origin_origin on widget_origin (origin)`);

  await knex.raw(`
    create table widget_settings (
      tenant_id uuid primary key references tenant (id),
      document jsonb not null,
      changed_at timestamptz(3) not null
    )`);
}

/**
 * Who looks asks for the newest first: of everything, of one object, of one actor, or across all tenants. Until now
 * only changes of owner are audited: the lock is short.
 */
async function indexAudit(knex: Knex): Promise<void> {
  const ways = {
    audit_event_time: 'tenant_id, at, id',
    audit_event_object: 'tenant_id, object_id, at, id',
    audit_event_actor: 'tenant_id, actor_id, at, id',
    audit_event_platform_time: 'at, id',
  };
  for (const [name, columns] of Object.entries(ways)) {
    await knex.raw(`
      -- squawk-ignore require-concurrent-index-creation
      create index ${name} on audit_event (${columns})`);
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop table widget_settings, widget_origin, widget_key, password_reset, invite, api_key`);
  await knex.raw(`
    drop index audit_event_time, audit_event_object, audit_event_actor, audit_event_platform_time`);
  await knex.raw(`drop index app_user_realm_email_key`);
  await knex.raw(`alter table app_user add constraint app_user_realm_email_key unique (realm, email)`);
  await knex.raw(`alter table tenant drop column languages, drop column transcript_days`);
}
