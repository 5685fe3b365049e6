import type { Knex } from 'knex';

/**
 * Pricebook, grants, holds, lines and the ledger. Amounts are integer millicredits. No foreign key points at
 * credit_grant or ledger_head, and none leaves the tables a turn writes: each insert would lock a hot row. The ledger's
 * equations R1 to R5 prove those links instead.
 */
export async function up(knex: Knex): Promise<void> {
  await knex.raw(`create extension if not exists btree_gist`);
  await createPricebook(knex);
  await createPeriods(knex);
  await createGrants(knex);
  await createHolds(knex);
  await createUsage(knex);
  await createInbox(knex);
  await createLedger(knex);
  await appendOnly(knex, ['usage_line', 'provider_attempt', 'ledger_tx', 'ledger_entry', 'credit_alert']);
}

async function createPricebook(knex: Knex): Promise<void> {
  await knex.raw(`
    create table pricebook_draft (
      id uuid primary key,
      content jsonb not null,
      notes text not null default '',
      created_by uuid,
      created_at timestamptz(3) not null
    )`);
  await knex.raw(`create unique index pricebook_draft_one on pricebook_draft ((true))`);

  await knex.raw(`
    create table pricebook_version (
      version integer primary key check (version > 0),
      state text not null default 'published' check (state in ('published', 'withdrawn')),
      effective_at timestamptz(3) not null,
      published_at timestamptz(3) not null,
      published_by text not null,
      sha256 text not null,
      prev_sha256 text,
      content text not null,
      check ((version = 1) = (prev_sha256 is null))
    )`);
  // A price once shown stays as it was: the one change allowed is a withdrawal before the version takes effect.
  await knex.raw(`
    create function refuse_pricebook_change() returns trigger language plpgsql as $$
    begin
      if tg_op = 'UPDATE' and old.state = 'published' and new.state = 'withdrawn'
        and clock_timestamp() < old.effective_at
        and to_jsonb(new) - 'state' = to_jsonb(old) - 'state' then
        return new;
      end if;
      raise exception 'a published pricebook version cannot change' using errcode = 'BC002';
    end $$`);
  await knex.raw(`
    create trigger pricebook_version_immutable before update or delete on pricebook_version
    for each row execute function refuse_pricebook_change()`);
  await knex.raw(`
    create trigger pricebook_version_no_truncate before truncate on pricebook_version
    for each statement execute function refuse_change()`);
}

async function createPeriods(knex: Knex): Promise<void> {
  await knex.raw(`
    create table subscription (
      tenant_id uuid primary key references tenant (id),
      plan_key text not null,
      plan_version integer not null references pricebook_version (version),
      next_plan_key text,
      anchor_at timestamptz(3) not null,
      state text not null default 'active' check (state in ('active', 'ended'))
    )`);
  await knex.raw(`
    create table billing_period (
      tenant_id uuid not null references subscription (tenant_id),
      no integer not null check (no > 0),
      starts_at timestamptz(3) not null,
      ends_at timestamptz(3) not null,
      plan_key text not null,
      plan_version integer not null references pricebook_version (version),
      pricebook_version integer not null references pricebook_version (version),
      state text not null default 'open' check (state in ('open', 'closing', 'closed')),
      statement text,
      statement_sha256 text,
      primary key (tenant_id, no),
      check (starts_at < ends_at),
      constraint billing_period_no_overlap exclude using gist (tenant_id with =, tstzrange(starts_at, ends_at) with &&)
    )`);
}

async function createGrants(knex: Knex): Promise<void> {
  // No index on an amount: it would end heap-only updates of the row that every turn of a tenant writes.
  await knex.raw(`
    create table credit_grant (
      tenant_id uuid not null references subscription (tenant_id),
      id uuid not null,
      kind text not null check (kind in ('included', 'upgrade', 'promo', 'refund', 'topup', 'overage')),
      priority integer not null,
      effective_at timestamptz(3) not null,
      expires_at timestamptz(3),
      amount_mc bigint not null check (amount_mc >= 0),
      held_mc bigint not null default 0 check (held_mc >= 0),
      spent_mc bigint not null default 0 check (spent_mc >= 0),
      expired_mc bigint not null default 0 check (expired_mc >= 0),
      period_no integer,
      source_key text not null,
      primary key (tenant_id, id),
      constraint credit_grant_source_key unique (tenant_id, source_key),
      constraint credit_grant_never_over check (held_mc + spent_mc + expired_mc <= amount_mc)
    ) with (fillfactor = 50)`);
  await knex.raw(`create index credit_grant_expiry on credit_grant (tenant_id, expires_at)`);
  await knex.raw(`
    create trigger credit_grant_only_grows before update on credit_grant for each row
    when (new.amount_mc <> old.amount_mc or new.spent_mc < old.spent_mc or new.expired_mc < old.expired_mc)
    execute function refuse_change()`);
  await knex.raw(`
    create trigger credit_grant_stays before delete or truncate on credit_grant
    for each statement execute function refuse_change()`);
}

async function createHolds(knex: Knex): Promise<void> {
  await knex.raw(`
    create table credit_hold (
      tenant_id uuid not null,
      turn_id uuid not null,
      grant_id uuid,
      split jsonb,
      reserved_mc bigint not null check (reserved_mc >= 0),
      settled_mc bigint check (settled_mc >= 0),
      pricebook_version integer not null,
      state text not null check (state in ('held', 'settled', 'released')),
      reason text,
      period_no integer not null,
      request_hash text not null,
      expires_at timestamptz(3) not null,
      lapsed_at timestamptz(3),
      closed_at timestamptz(3),
      primary key (tenant_id, turn_id),
      check ((state = 'held') = (closed_at is null))
    ) with (fillfactor = 70)`);
  await knex.raw(`
    create index credit_hold_open on credit_hold (expires_at) where state = 'held' and lapsed_at is null`);
  // Raised inside the reserve statement: a hold without its credits is undone whole.
  await knex.raw(`
    create function credit_refuse() returns text language plpgsql volatile as $$
    begin
      raise exception 'the grant cannot cover this hold' using errcode = 'BC001';
    end $$`);
}

async function createUsage(knex: Knex): Promise<void> {
  await knex.raw(`
    create table usage_line (
      tenant_id uuid not null,
      doc_id text not null,
      pos integer not null,
      turn_id uuid not null,
      session_id uuid not null,
      step text not null,
      channel text not null,
      source text not null,
      persona_version_id uuid not null,
      kind text not null check (kind in ('llm', 'tool', 'minimum', 'correction')),
      waived text,
      sku text not null,
      provider text,
      model text,
      provider_request_id text,
      pools jsonb not null,
      reasoning bigint not null,
      estimated boolean not null,
      pricebook_version integer not null,
      rates jsonb not null,
      raw_ucr bigint not null,
      amount_mc bigint not null,
      corrects_doc text,
      corrects_pos integer,
      at timestamptz(3) not null,
      row_hash text not null,
      primary key (tenant_id, doc_id, pos),
      check (waived is null or amount_mc = 0),
      check (kind = 'correction' or amount_mc >= 0),
      check ((kind = 'correction') = (corrects_doc is not null)),
      check ((corrects_doc is null) = (corrects_pos is null))
    )`);
  await knex.raw(`create index usage_line_session on usage_line (tenant_id, session_id, at)`);
  await knex.raw(`
    create table provider_attempt (
      tenant_id uuid not null,
      turn_id uuid not null,
      step text not null,
      attempt integer not null,
      provider_request_id text,
      sku text not null,
      pools jsonb not null,
      reasoning bigint not null,
      estimated boolean not null,
      outcome text not null,
      billed boolean not null,
      at timestamptz(3) not null,
      primary key (tenant_id, turn_id, step, attempt)
    )`);
}

async function createInbox(knex: Knex): Promise<void> {
  // A queue that empties all the time: vacuum by count, not by a share of a size that is always near zero.
  await knex.raw(`
    create table ledger_inbox (
      tenant_id uuid not null,
      turn_id uuid not null,
      kind text not null check (kind in ('settle', 'release', 'lapse')),
      id bigint generated always as identity,
      grant_id uuid,
      split jsonb,
      unhold_mc bigint not null check (unhold_mc >= 0),
      amount_mc bigint not null check (amount_mc >= 0),
      n_lines integer not null,
      line_root text,
      period_no integer not null,
      pricebook_version integer not null,
      reason text,
      at timestamptz(3) not null,
      primary key (tenant_id, turn_id, kind)
    ) with (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000)`);
  await knex.raw(`create index ledger_inbox_order on ledger_inbox (tenant_id, id)`);
}

async function createLedger(knex: Knex): Promise<void> {
  await knex.raw(`
    create table ledger_head (
      tenant_id uuid primary key references subscription (tenant_id),
      seq bigint not null,
      hash text not null,
      balance_mc bigint not null check (balance_mc >= 0),
      sealed_at timestamptz(3) not null
    ) with (fillfactor = 50)`);
  await knex.raw(`
    create table ledger_tx (
      tenant_id uuid not null,
      seq bigint not null check (seq > 0),
      kind text not null check (kind in ('grant', 'settle', 'release', 'expire', 'refund', 'close')),
      doc_id text not null,
      period_no integer,
      reason text,
      pricebook_version integer,
      amount_mc bigint not null,
      balance_after_mc bigint not null,
      n_lines integer not null,
      line_root text,
      receipt_hash text,
      at timestamptz(3) not null,
      sealed_at timestamptz(3) not null,
      hash text not null,
      primary key (tenant_id, seq),
      constraint ledger_tx_doc_key unique (tenant_id, doc_id, kind)
    )`);
  await knex.raw(`create index ledger_tx_period on ledger_tx (tenant_id, period_no)`);
  await knex.raw(`
    create table ledger_entry (
      tenant_id uuid not null,
      seq bigint not null,
      pos integer not null,
      account text not null,
      amount_mc bigint not null check (amount_mc <> 0),
      primary key (tenant_id, seq, pos)
    )`);
  await knex.raw(`
    create table credit_alert (
      tenant_id uuid not null,
      period_no integer not null,
      meter text not null,
      threshold integer not null,
      at timestamptz(3) not null,
      primary key (tenant_id, period_no, meter, threshold)
    )`);
}

async function appendOnly(knex: Knex, tables: readonly string[]): Promise<void> {
  for (const table of tables) {
    await knex.raw(`
      create trigger ${table}_append_only before update or delete or truncate on ${table}
      for each statement execute function refuse_change()`);
  }
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`
    drop table credit_alert, ledger_entry, ledger_tx, ledger_head, ledger_inbox, provider_attempt, usage_line,
      credit_hold, credit_grant, billing_period, subscription, pricebook_version, pricebook_draft`);
  await knex.raw(`drop function credit_refuse(), refuse_pricebook_change()`);
}
