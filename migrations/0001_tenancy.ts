import type { Knex } from 'knex';

/** Tenants, the people who sign in, and what records their changes. Two realms share app_user: operator and tenant. */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`
    create function refuse_change() returns trigger language plpgsql as $$
    begin
      raise exception '% is append-only', tg_table_name using errcode = 'BC002';
    end $$`);

  await knex.raw(`
    create table tenant (
      id uuid primary key,
      business_id text not null constraint tenant_business_id_key unique,
      name text not null,
      is_operator boolean not null default false,
      status text not null default 'active' check (status in ('active', 'suspended')),
      language text not null default 'en',
      time_zone text not null default 'UTC',
      public_chat boolean not null default false,
      privacy_url text,
      fallback_contact text,
      created_at timestamptz(3) not null
    )`);
  await knex.raw(`create unique index tenant_one_operator on tenant (is_operator) where is_operator`);

  await knex.raw(`
    create table app_user (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      realm text not null check (realm in ('operator', 'tenant')),
      role text not null check (role in ('owner', 'admin', 'agent', 'viewer', 'support')),
      email text not null check (email = lower(email)),
      name text not null,
      password_hash text not null,
      created_at timestamptz(3) not null,
      disabled_at timestamptz(3),
      primary key (tenant_id, id),
      constraint app_user_realm_email_key unique (realm, email)
    )`);

  await knex.raw(`
    create table auth_session (
      tenant_id uuid not null,
      id uuid not null,
      user_id uuid not null,
      token_hash text not null constraint auth_session_token_hash_key unique,
      created_at timestamptz(3) not null,
      expires_at timestamptz(3) not null,
      revoked_at timestamptz(3),
      primary key (tenant_id, id),
      foreign key (tenant_id, user_id) references app_user (tenant_id, id)
    )`);
  await knex.raw(`create index auth_session_user on auth_session (tenant_id, user_id)`);

  // A wrong password is counted against the account (known or not) and against the address, each by its hash.
  await knex.raw(`
    create table sign_in_failure (
      realm text not null,
      subject text not null,
      at timestamptz(3) not null,
      id uuid not null,
      primary key (realm, subject, at, id)
    )`);

  await knex.raw(`
    create table idempotency_key (
      tenant_id uuid not null references tenant (id),
      route text not null,
      key text not null,
      request_hash text not null,
      status integer,
      body jsonb,
      created_at timestamptz(3) not null,
      primary key (tenant_id, route, key)
    )`);
  await knex.raw(`create index idempotency_key_age on idempotency_key (created_at)`);

  await knex.raw(`
    create table audit_event (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      actor_type text not null check (actor_type in ('user', 'api_key', 'system')),
      actor_id uuid,
      action text not null,
      object_type text not null,
      object_id text not null,
      before jsonb,
      after jsonb,
      reason text,
      at timestamptz(3) not null,
      primary key (tenant_id, id)
    )`);
  await knex.raw(`
    create trigger audit_event_append_only before update or delete or truncate on audit_event
    for each statement execute function refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table audit_event, idempotency_key, sign_in_failure, auth_session, app_user, tenant cascade`);
  await knex.raw(`drop function refuse_change()`);
}
