import { z } from 'zod';

import { Citation, MessageText } from './chat.ts';
import { CreditAmount, LIST_QUERY, listOf, prefixedId, Timestamp } from './common.ts';

const REASON_LENGTH_MAX = 500;
const QUERY_LENGTH_MAX = 128;

const SESSION_VIEWS = ['needs_human', 'mine', 'unassigned', 'ai_live', 'done'] as const;
const CLOSE_REASONS = ['resolved', 'no_answer', 'duplicate', 'spam', 'other'] as const;

const Owner = z.enum(['ai', 'queue', 'human']);
const Person = z.object({ id: prefixedId('usr'), name: z.string() });
const MessageAuthor = z.object({
  type: z.enum(['visitor', 'user', 'ai', 'human', 'system']),
  name: z.string().nullable().meta({ description: 'Of a signed-in person' }),
  ai_generated: z.boolean(),
});

export const SessionParams = z.object({ id: prefixedId('ses') });
export type SessionParams = z.output<typeof SessionParams>;

export const SessionListQuery = z.strictObject({
  view: z.enum(SESSION_VIEWS).optional().meta({ description: 'All conversations without one' }),
  q: z
    .string()
    .min(1)
    .max(QUERY_LENGTH_MAX)
    .optional()
    .meta({ description: "Our id, or the client's whole `session_id`" }),
  ...LIST_QUERY,
});
export type SessionListQuery = z.output<typeof SessionListQuery>;

export const SessionMessagesQuery = z.strictObject({
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(2 ** 31 - 1)
    .default(0)
    .meta({ description: 'Only messages with a higher `seq`' }),
  limit: LIST_QUERY.limit,
});
export type SessionMessagesQuery = z.output<typeof SessionMessagesQuery>;

const reason = z.string().min(1).max(REASON_LENGTH_MAX).optional().meta({ description: 'Kept in the audit log' });

export const TakeOverSession = z.strictObject({ reason }).meta({ id: 'TakeOverSession' });
export type TakeOverSession = z.output<typeof TakeOverSession>;

export const ReplyInSession = z.strictObject({ text: MessageText }).meta({ id: 'ReplyInSession' });
export type ReplyInSession = z.output<typeof ReplyInSession>;

export const NoteInSession = z.strictObject({ text: MessageText }).meta({ id: 'NoteInSession' });
export type NoteInSession = z.output<typeof NoteInSession>;

export const HandBackSession = z
  .strictObject({ note: MessageText.optional().meta({ description: 'What Bob should know from here on' }) })
  .meta({ id: 'HandBackSession' });
export type HandBackSession = z.output<typeof HandBackSession>;

export const AssignSession = z.strictObject({ user_id: prefixedId('usr') }).meta({ id: 'AssignSession' });
export type AssignSession = z.output<typeof AssignSession>;

export const CloseSession = z.strictObject({ reason: z.enum(CLOSE_REASONS) }).meta({ id: 'CloseSession' });
export type CloseSession = z.output<typeof CloseSession>;

const OWNERSHIP = {
  owner: Owner,
  owner_epoch: z.int().min(0).meta({ description: 'Counts the changes of owner' }),
  at: Timestamp.meta({ description: 'Since when' }),
};

export const SessionOwnership = z.object(OWNERSHIP).meta({ id: 'SessionOwnership' });
export type SessionOwnership = z.output<typeof SessionOwnership>;

export const SessionHandedBack = z
  .object({
    ...OWNERSHIP,
    turn_id: prefixedId('trn').nullable().meta({ description: 'Answers what waited; null where nothing did' }),
  })
  .meta({ id: 'SessionHandedBack' });
export type SessionHandedBack = z.output<typeof SessionHandedBack>;

export const SessionClosed = z.object({ status: z.literal('closed'), ...OWNERSHIP }).meta({ id: 'SessionClosed' });
export type SessionClosed = z.output<typeof SessionClosed>;

export const SessionMessage = z
  .object({
    id: prefixedId('msg'),
    seq: z.int().min(1),
    kind: z.enum(['text', 'note', 'handback']).meta({ description: 'Only a `text` was ever shown to the visitor' }),
    author: MessageAuthor,
    text: z.string().nullable().meta({ description: 'Null once the conversation is erased' }),
    cut: z.boolean().meta({ description: 'An answer that a person, or a stop, ended before its end' }),
    turn_id: prefixedId('trn').nullable(),
    citations: z.array(Citation),
    created_at: Timestamp,
  })
  .meta({ id: 'SessionMessage' });
export type SessionMessage = z.output<typeof SessionMessage>;

export const SessionThread = z
  .object({ data: z.array(SessionMessage), next_after: z.int(), has_more: z.boolean() })
  .meta({ id: 'SessionThread' });
export type SessionThread = z.output<typeof SessionThread>;

const SESSION_FIELDS = {
  id: prefixedId('ses'),
  channel: z.enum(['public', 'widget', 'signed_in']),
  status: z.enum(['open', 'closed']),
  owner: Owner,
  owner_user: Person.nullable(),
  owner_epoch: z.int().min(0),
  owner_since: Timestamp,
  language: z.string(),
  persona: z.object({ id: prefixedId('per'), version: z.int().min(1) }),
  visitor: z.object({ name: z.string().nullable(), email: z.string().nullable(), verified: z.boolean() }),
  last_message: z
    .object({
      seq: z.int().min(1),
      author: MessageAuthor,
      text: z.string().nullable().meta({ description: 'Its first 140 characters' }),
      at: Timestamp,
    })
    .nullable(),
  waiting_since: Timestamp.nullable().meta({
    description: 'The oldest message that nobody answered, while not Bob speaks',
  }),
  created_at: Timestamp,
};

export const SessionView = z.object(SESSION_FIELDS).meta({ id: 'Session' });
export type SessionView = z.output<typeof SessionView>;

export const SessionList = listOf(SessionView).meta({ id: 'SessionList' });
export type SessionList = z.output<typeof SessionList>;

export const SessionDetail = z
  .object({
    ...SESSION_FIELDS,
    closed_at: Timestamp.nullable(),
    closed_reason: z.string().nullable(),
    facts: z.object({
      turns: z.int().min(0),
      messages: z.int().min(0),
      notes: z.int().min(0),
      credits: CreditAmount.meta({ description: 'Charged so far' }),
      feedback: z.object({ up: z.int().min(0), down: z.int().min(0) }),
      disclosures: z.array(z.object({ version: z.int(), language: z.string(), shown_at: Timestamp })),
      handoffs: z.array(
        z.object({
          id: prefixedId('hof'),
          category: z.string(),
          state: z.enum(['requested', 'assigned', 'taken_over', 'returned', 'expired']),
          assignee: Person.nullable(),
          owner_epoch: z.int(),
          created_at: Timestamp,
          ended_at: Timestamp.nullable(),
        }),
      ),
    }),
  })
  .meta({ id: 'SessionDetail' });
export type SessionDetail = z.output<typeof SessionDetail>;

/** What `/api/sessions/feed` says of an event: ids and counters, from which a list knows what to read again. */
export interface SessionFeedItem {
  type: string;
  session_id: `ses_${string}`;
  seq: number;
  pos: number;
  owner?: z.output<typeof Owner>;
  owner_epoch?: number;
  message_seq?: number;
}
