import type { Knex } from 'knex';

/** The outbox (webhook_event), who wants to hear of it, and what became of each delivery. */
export async function up(knex: Knex): Promise<void> {
  await createEndpoints(knex);
  await createOutbox(knex);
  await createDeliveries(knex);
}

async function createEndpoints(knex: Knex): Promise<void> {
  await knex.raw(`
    create table webhook_endpoint (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      url text not null check (length(url) <= 2048),
      description text not null default '',
      status text not null default 'enabled' check (status in ('enabled', 'paused', 'disabled')),
      status_reason text,
      event_types text[],
      include_content boolean not null default false,
      headers_enc bytea,
      ordering text not null default 'session' check (ordering in ('session', 'parallel')),
      on_exhausted text not null default 'skip' check (on_exhausted in ('skip', 'pause')),
      schedule text not null default 'standard' check (schedule in ('standard', 'short', 'none')),
      max_concurrency integer not null default 10 check (max_concurrency between 1 and 50),
      rate_per_s integer check (rate_per_s > 0),
      timeout_ms integer not null default 15000 check (timeout_ms between 1000 and 30000),
      signing text[] not null default '{hmac}',
      created_at timestamptz(3) not null,
      deleted_at timestamptz(3),
      primary key (tenant_id, id)
    )`);

  // Its own table: emit reads endpoints and must meet no hot row.
  await knex.raw(`
    create table webhook_lane (
      tenant_id uuid not null,
      endpoint_id uuid not null,
      slice_token uuid,
      slice_until timestamptz,
      woken_at timestamptz,
      parked_until timestamptz,
      breaker text not null default 'closed' check (breaker in ('closed', 'open')),
      probe_at timestamptz,
      concurrency integer not null default 10 check (concurrency >= 1),
      tokens double precision,
      consecutive_failures integer not null default 0,
      failed_attempts bigint not null default 0,
      first_failure_at timestamptz,
      last_failure_at timestamptz,
      last_success_at timestamptz,
      warned_at timestamptz,
      primary key (tenant_id, endpoint_id),
      foreign key (tenant_id, endpoint_id) references webhook_endpoint (tenant_id, id)
    ) with (fillfactor = 50)`);
  // A doorbell names the endpoint only.
  await knex.raw(`create index webhook_lane_endpoint on webhook_lane (endpoint_id)`);

  await knex.raw(`
    create table webhook_secret (
      tenant_id uuid not null,
      id uuid not null,
      endpoint_id uuid not null,
      kind text not null check (kind in ('hmac', 'ed25519')),
      secret_enc bytea not null,
      key_id text not null,
      public_key bytea,
      created_at timestamptz(3) not null,
      expires_at timestamptz(3),
      primary key (tenant_id, id),
      foreign key (tenant_id, endpoint_id) references webhook_endpoint (tenant_id, id)
    )`);
  await knex.raw(`create index webhook_secret_endpoint on webhook_secret (tenant_id, endpoint_id, created_at desc)`);
}

async function createOutbox(knex: Knex): Promise<void> {
  // Positions of the feed. A sequence and no maximum: what retention deletes must never be numbered again.
  await knex.raw(`create sequence webhook_event_pos`);
  // No foreign key to tenant: every message of a tenant would lock that one row.
  await knex.raw(`
    create table webhook_event (
      tenant_id uuid not null,
      no bigint generated always as identity,
      id uuid not null,
      type text not null,
      session_id uuid,
      seq integer,
      test boolean not null default false,
      body text not null,
      dedupe_key text not null,
      created_at timestamptz(3) not null,
      pos bigint,
      primary key (tenant_id, no),
      constraint webhook_event_id_key unique (tenant_id, id),
      constraint webhook_event_dedupe_key unique (tenant_id, dedupe_key),
      constraint webhook_event_session_seq_key unique (tenant_id, session_id, seq),
      constraint webhook_event_pos_key unique (tenant_id, pos),
      foreign key (tenant_id, session_id) references chat_session (tenant_id, id),
      check ((session_id is null) = (seq is null))
    )`);
  await knex.raw(`create index webhook_event_unstamped on webhook_event (no) where pos is null and not test`);
}

async function createDeliveries(knex: Knex): Promise<void> {
  await knex.raw(`
    create table webhook_delivery (
      tenant_id uuid not null,
      id bigint generated always as identity,
      event_no bigint not null,
      endpoint_id uuid not null,
      session_id uuid,
      seq integer,
      reason text,
      attempts integer not null default 0,
      tries integer not null default 0,
      throttles integer not null default 0,
      next_at timestamptz not null,
      state text not null default 'pending'
        check (state in ('pending', 'leased', 'delivered', 'exhausted', 'cancelled')),
      lease_token uuid,
      lease_until timestamptz,
      last_status integer,
      last_error text,
      trigger text not null check (trigger in ('auto', 'manual', 'recovery', 'test')),
      created_at timestamptz(3) not null,
      finished_at timestamptz(3),
      primary key (tenant_id, id),
      unique (tenant_id, event_no, endpoint_id),
      foreign key (tenant_id, event_no) references webhook_event (tenant_id, no),
      foreign key (tenant_id, endpoint_id) references webhook_endpoint (tenant_id, id),
      check ((state = 'leased') = (lease_token is not null))
    ) with (fillfactor = 80)`);
  await knex.raw(`
    create index webhook_delivery_due on webhook_delivery (tenant_id, endpoint_id, next_at, id)
    where state = 'pending'`);
  await knex.raw(`
    create index webhook_delivery_order on webhook_delivery (tenant_id, endpoint_id, session_id, seq)
    where state in ('pending', 'leased')`);
  await knex.raw(`create index webhook_delivery_leased on webhook_delivery (lease_until) where state = 'leased'`);
  await knex.raw(`
    create index webhook_delivery_lane_leased on webhook_delivery (tenant_id, endpoint_id) where state = 'leased'`);
  // What goes out of an endpoint that is paused or disabled; found without walking its held rows.
  await knex.raw(`
    create index webhook_delivery_asked on webhook_delivery (tenant_id, endpoint_id)
    where state = 'pending' and trigger in ('test', 'manual')`);
  await knex.raw(`create index webhook_delivery_log on webhook_delivery (tenant_id, id desc, endpoint_id, state)`);

  await knex.raw(`
    create table webhook_attempt (
      tenant_id uuid not null,
      id bigint generated always as identity,
      delivery_id bigint not null,
      n integer not null,
      counted boolean not null,
      started_at timestamptz(3) not null,
      duration_ms integer not null,
      http_status integer,
      error_code text,
      remote_ip text,
      body_sha256 text not null,
      request_headers jsonb not null,
      response_headers jsonb,
      response_body text,
      truncated boolean not null default false,
      trigger text not null,
      primary key (tenant_id, id),
      foreign key (tenant_id, delivery_id) references webhook_delivery (tenant_id, id)
    )`);
  await knex.raw(`create index webhook_attempt_delivery on webhook_attempt (tenant_id, delivery_id, n)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table webhook_attempt, webhook_delivery, webhook_event, webhook_secret, webhook_lane, webhook_endpoint`);
  await knex.raw(`drop sequence webhook_event_pos`);
}
