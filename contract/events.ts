import { z } from 'zod';

import { FEEDBACK_REASONS } from '#domain/feedback.ts';

import { CreditAmount, prefixedId, TenantUuid, Timestamp } from './common.ts';

const Author = z.object({ type: z.enum(['visitor', 'user', 'ai', 'human', 'system']), id: z.string().nullable() });

const MessageFacts = {
  message_id: prefixedId('msg'),
  message_seq: z.int().min(1).meta({ description: "The message's own number in its session; not the event's `seq`" }),
  author: Author,
  attachments: z.int().min(0).meta({ description: 'How many attachments the message has' }),
};

const TurnFacts = z.object({
  turn_id: prefixedId('trn'),
  outcome: z.string(),
  category: z.string().nullable(),
  latency_ms: z.int().min(0),
  rails_tripped: z.array(z.string()),
  credits: CreditAmount,
  pricebook_version: z.int().nullable(),
  receipt_hash: z.string().nullable(),
});

const HandoffFacts = z.object({
  handoff_id: prefixedId('hof'),
  category: z.enum([
    'customer_request',
    'missing_knowledge',
    'unsupported_request',
    'policy_restriction',
    'tool_failure',
    'pending_clarification',
    'usage_limit',
    'supervisor_takeover',
    'sentiment_risk',
    'system_error',
  ]),
  rule_id: z.string().nullable(),
  queue: z.string().nullable(),
  assignee_id: prefixedId('usr').nullable(),
  owner_epoch: z.int().min(1).meta({ description: 'Counts the changes of owner of the session' }),
  sla_due_at: Timestamp.nullable(),
});

export const EVENT_TYPES = [
  'session.created',
  'session.closed',
  'message.received',
  'message.sent',
  'message.feedback_submitted',
  'turn.completed',
  'turn.failed',
  'handoff.assigned',
  'handoff.taken_over',
  'handoff.returned',
  'usage.recorded',
  'persona.version_published',
  'endpoint.tested',
] as const;
export type EventType = (typeof EVENT_TYPES)[number];

/** What each type says beside its envelope: ids, enums, counts and amounts, never a word of a conversation. */
export const EVENT_DATA = {
  'session.created': z
    .object({
      channel: z.enum(['public', 'widget', 'signed_in']),
      persona_id: prefixedId('per'),
      persona_version: z.int().min(1),
      language: z.string(),
      visitor_ref: z.string().nullable(),
      disclosure_version: z.int().nullable(),
    })
    .meta({ description: 'A conversation began.' }),
  'session.closed': z
    .object({
      reason: z.string(),
      outcome: z.string().nullable().meta({ description: 'How its last ended turn ended' }),
      turns: z.int().min(0),
      credits: CreditAmount,
    })
    .meta({ description: 'A conversation was closed.' }),
  'message.received': z.object(MessageFacts).meta({ description: 'A visitor or user wrote a message.' }),
  'message.sent': z
    .object({
      ...MessageFacts,
      turn_id: prefixedId('trn').nullable(),
      reply_to: prefixedId('msg').nullable(),
      ai_generated: z.boolean(),
    })
    .meta({ description: 'A reply left for the visitor: by Bob, or by a person.' }),
  'message.feedback_submitted': z
    .object({
      message_id: prefixedId('msg'),
      rating: z.enum(['up', 'down']),
      reason_code: z
        .enum(FEEDBACK_REASONS)
        .nullable()
        .meta({ description: '`other` also stands for a reason in the own words of the visitor' }),
    })
    .meta({ description: 'A visitor rated an answer.' }),
  'turn.completed': TurnFacts.meta({ description: 'A message got its outcome.' }),
  'turn.failed': TurnFacts.meta({ description: 'A message ended in an apology.' }),
  'handoff.assigned': HandoffFacts.meta({ description: 'A conversation was given to a person.' }),
  'handoff.taken_over': HandoffFacts.meta({ description: 'A person speaks instead of Bob.' }),
  'handoff.returned': HandoffFacts.meta({ description: 'Bob speaks again.' }),
  'usage.recorded': z
    .object({
      ledger_seq: z.int().min(1),
      turn_id: prefixedId('trn'),
      lines: z.int().min(0),
      credits: CreditAmount,
      pricebook_version: z.int(),
      balance_after: CreditAmount,
    })
    .meta({ description: 'A settled turn was sealed into the ledger.' }),
  'persona.version_published': z
    .object({
      persona_id: prefixedId('per'),
      from: z.int().nullable().meta({ description: 'The version that was live before' }),
      to: z.int().min(1),
      content_hash: z.string(),
      test_run_id: z.string().nullable(),
      override_reason: z.string().nullable(),
    })
    .meta({ description: 'New conversations begin under another version of a persona.' }),
  'endpoint.tested': z
    .object({ endpoint_id: prefixedId('whk'), requested_by: z.string() })
    .meta({ description: 'Someone asked for a test request.' }),
} as const satisfies Record<EventType, z.ZodObject>;

/** The shape of `data` per type, for the code that tells an event. */
export type EventData = { [Type in EventType]: z.infer<(typeof EVENT_DATA)[Type]> };

/** One event to tell: its data fits its type, and its key names the fact, never the attempt or run that found it. */
export type EventDraft = {
  [Type in EventType]: { type: Type; data: EventData[Type]; dedupeKey: string };
}[EventType];

const ENVELOPE = {
  id: prefixedId('evt').meta({ description: 'Equal to the `webhook-id` header; the same in every attempt' }),
  api_version: z.literal('1'),
  created_at: Timestamp,
  tenant_id: TenantUuid,
  session_id: prefixedId('ses').nullable(),
  seq: z.int().min(1).nullable().meta({ description: 'Counts the events of the session, without a gap' }),
  test: z.boolean(),
};

/** The whole body of a webhook request of this type, as it is stored, sent and fed. */
export function envelopeOf<Type extends EventType>(type: Type) {
  return z.object({ ...ENVELOPE, type: z.literal(type), data: EVENT_DATA[type] });
}

/** Any event, before its type is looked at. */
export const EventEnvelope = z
  .object({ ...ENVELOPE, type: z.enum(EVENT_TYPES), data: z.record(z.string(), z.unknown()) })
  .meta({ id: 'Event' });
export type EventEnvelope = z.infer<typeof EventEnvelope>;
