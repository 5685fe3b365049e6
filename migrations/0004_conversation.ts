import type { Knex } from 'knex';

/** The conversation: every word and every counter. Temporal holds order and time, and never a word of this. */
export async function up(knex: Knex): Promise<void> {
  await createSession(knex);
  await createTurns(knex);
  await createReceipts(knex);
}

async function createSession(knex: Knex): Promise<void> {
  // next_seq numbers messages, event_seq events, receipt_seq receipts: gap-free, since this row stays locked.
  await knex.raw(`
    create table chat_session (
      tenant_id uuid not null references tenant (id),
      id uuid not null,
      channel text not null check (channel in ('public', 'widget', 'signed_in')),
      client_id_hash text not null,
      visitor_hash text,
      state text not null default 'open' check (state in ('open', 'closed')),
      persona_version_id uuid not null,
      language text not null,
      owner text not null default 'ai' check (owner in ('ai', 'queue', 'human')),
      owner_user_id uuid,
      owner_epoch integer not null default 0,
      owner_since timestamptz(3) not null,
      next_seq integer not null default 1,
      event_seq integer not null default 0,
      receipt_seq integer not null default 0,
      receipt_hash text,
      open_turns integer not null default 0 check (open_turns >= 0),
      mac_key bytea,
      created_at timestamptz(3) not null,
      last_at timestamptz(3) not null,
      closed_at timestamptz(3),
      primary key (tenant_id, id),
      constraint chat_session_client_key unique (tenant_id, channel, client_id_hash),
      foreign key (tenant_id, persona_version_id) references persona_version (tenant_id, id),
      foreign key (tenant_id, owner_user_id) references app_user (tenant_id, id)
    ) with (fillfactor = 70)`);

  await knex.raw(`
    create table message (
      tenant_id uuid not null,
      session_id uuid not null,
      seq integer not null,
      id uuid not null,
      author text not null check (author in ('visitor', 'user', 'ai', 'human', 'system')),
      author_user_id uuid,
      text text,
      cut boolean not null default false,
      turn_id uuid,
      citations jsonb not null default '[]',
      created_at timestamptz(3) not null,
      primary key (tenant_id, session_id, seq),
      constraint message_id_key unique (tenant_id, id),
      foreign key (tenant_id, session_id) references chat_session (tenant_id, id)
    )`);

  await knex.raw(`
    create table disclosure_shown (
      tenant_id uuid not null,
      session_id uuid not null,
      ordinal integer not null,
      version integer not null,
      language text not null,
      placement text not null check (placement in ('banner', 'first_message', 'both')),
      shown_by text not null check (shown_by in ('server', 'widget')),
      shown_at timestamptz(3) not null,
      primary key (tenant_id, session_id, ordinal),
      foreign key (tenant_id, session_id) references chat_session (tenant_id, id)
    )`);
}

async function createTurns(knex: Knex): Promise<void> {
  await knex.raw(`
    create table turn (
      tenant_id uuid not null,
      id uuid not null,
      session_id uuid not null,
      message_seq integer not null,
      state text not null default 'accepted' check (state in ('accepted', 'open', 'closed')),
      outcome text check (outcome in ('answered', 'refused', 'blocked', 'escalated', 'credit_stopped',
        'suppressed_by_human', 'superseded', 'failed')),
      problem text,
      covered_by uuid,
      reply_seq integer,
      charged_mc bigint,
      pricebook_version integer,
      model_ms integer,
      lease_token uuid,
      lease_until timestamptz(3),
      accepted_at timestamptz(3) not null,
      opened_at timestamptz(3),
      closed_at timestamptz(3),
      primary key (tenant_id, id),
      unique (tenant_id, session_id, message_seq),
      foreign key (tenant_id, session_id) references chat_session (tenant_id, id),
      check ((state = 'closed') = (outcome is not null))
    ) with (fillfactor = 70)`);
  await knex.raw(`create index turn_unfinished on turn (accepted_at) where state <> 'closed'`);

  // The promise made to a caller: this key, this body, this turn. It outlives every process.
  await knex.raw(`
    create table accepted_message (
      tenant_id uuid not null,
      session_id uuid not null,
      client_message_id text not null,
      body_hash text not null,
      message_id uuid not null,
      turn_id uuid not null,
      accepted_at timestamptz(3) not null,
      constraint accepted_message_pkey primary key (tenant_id, session_id, client_message_id),
      unique (tenant_id, turn_id),
      foreign key (tenant_id, turn_id) references turn (tenant_id, id)
    )`);
}

async function createReceipts(knex: Knex): Promise<void> {
  await knex.raw(`
    create table turn_receipt (
      tenant_id uuid not null,
      turn_id uuid not null,
      session_id uuid not null,
      seq integer not null,
      record text not null,
      prev_hash text not null,
      record_hash text not null,
      at timestamptz(3) not null,
      primary key (tenant_id, turn_id),
      unique (tenant_id, session_id, seq),
      foreign key (tenant_id, turn_id) references turn (tenant_id, id)
    )`);
  await knex.raw(`
    create trigger turn_receipt_append_only before update or delete or truncate on turn_receipt
    for each statement execute function refuse_change()`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop table turn_receipt, accepted_message, turn, disclosure_shown, message, chat_session`);
}
