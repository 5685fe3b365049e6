import type { Knex } from 'knex';

/** What a conversation needs while it is alive: released text, stop and cover, people who take it over, feedback. */
export async function up(knex: Knex): Promise<void> {
  await createReleasedText(knex);
  await extendConversation(knex);
  await createHandoffs(knex);
  await indexForViews(knex);
}

async function createReleasedText(knex: Knex): Promise<void> {
  // May be lost in a crash: what counts is the message row, and a reader of the stream simply gets that one.
  await knex.raw(`
    create unlogged table reply_chunk (
      tenant_id uuid not null,
      turn_id uuid not null,
      attempt integer not null,
      seq integer not null,
      text text not null,
      at timestamptz(3) not null default now(),
      primary key (tenant_id, turn_id, attempt, seq)
    )`);
  await knex.raw(`create index reply_chunk_age on reply_chunk (at)`);
}

async function extendConversation(knex: Knex): Promise<void> {
  // tries numbers the attempts of a turn; only a turn somebody streams releases text before its end. A hand-back turn
  // answers an earlier message than the note it hangs on.
  await knex.raw(`
    alter table turn
      add column tries integer not null default 0,
      add column streams boolean not null default false,
      add column stop_at timestamptz(3),
      add column answers_seq integer`);
  // A note is for the team alone; a hand-back tells the next prompt what a person did. Rows of before are all texts, so
  // nothing has to be looked through under the lock.
  await knex.raw(`alter table message add column kind text not null default 'text'`);
  await knex.raw(`
    alter table message add constraint message_kind_known
    check (kind in ('text', 'note', 'handback')) not valid`);
  await knex.raw(`alter table chat_session add column closed_reason text`);
  await knex.raw(`
    create table message_feedback (
      tenant_id uuid not null,
      message_id uuid not null,
      session_id uuid not null,
      rating text not null check (rating in ('up', 'down')),
      reason text,
      at timestamptz(3) not null,
      primary key (tenant_id, message_id),
      foreign key (tenant_id, session_id) references chat_session (tenant_id, id),
      foreign key (tenant_id, message_id) references message (tenant_id, id)
    )`);
}

async function createHandoffs(knex: Knex): Promise<void> {
  // One row for each stretch in which a person, or nobody yet, answers instead of Bob.
  await knex.raw(`
    create table handoff (
      tenant_id uuid not null,
      id uuid not null,
      session_id uuid not null,
      category text not null check (category in ('customer_request', 'missing_knowledge', 'unsupported_request',
        'policy_restriction', 'tool_failure', 'pending_clarification', 'usage_limit', 'supervisor_takeover',
        'sentiment_risk', 'system_error')),
      rule_id text,
      queue text,
      state text not null check (state in ('requested', 'assigned', 'taken_over', 'returned', 'expired')),
      assignee_id uuid,
      owner_epoch integer not null,
      sla_due_at timestamptz(3),
      created_at timestamptz(3) not null,
      ended_at timestamptz(3),
      primary key (tenant_id, id),
      foreign key (tenant_id, session_id) references chat_session (tenant_id, id),
      foreign key (tenant_id, assignee_id) references app_user (tenant_id, id)
    )`);
  await knex.raw(`create unique index handoff_open on handoff (tenant_id, session_id) where ended_at is null`);
}

async function indexForViews(knex: Knex): Promise<void> {
  // What is shown beside one conversation is found without walking all of the tenant's.
  await knex.raw(`create index handoff_session on handoff (tenant_id, session_id)`);
  await knex.raw(`create index message_feedback_session on message_feedback (tenant_id, session_id)`);
}

export async function down(knex: Knex): Promise<void> {
  await knex.raw(`drop table handoff, message_feedback, reply_chunk`);
  await knex.raw(`alter table chat_session drop column closed_reason`);
  await knex.raw(`alter table message drop column kind`);
  await knex.raw(`
    alter table turn drop column tries, drop column streams, drop column stop_at, drop column answers_seq`);
}
