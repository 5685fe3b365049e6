import { z } from 'zod';

import { FEEDBACK_REASONS } from '#domain/feedback.ts';
import { OUTCOMES } from '#domain/turn.ts';

import { CreditAmount, LIST_QUERY, prefixedId, Timestamp } from './common.ts';

const MESSAGE_LENGTH_MAX = 4000;
const REASON_LENGTH_MAX = 500;
/** As the column of the database. */
const SEQ_MAX = 2_147_483_647;

export const MessageText = z
  .string()
  .normalize('NFC')
  .refine((text) => text.trim() !== '', 'the message is empty')
  // Counted after composition, as a reader counts: the same words weigh the same from every keyboard.
  .refine((text) => text.length <= MESSAGE_LENGTH_MAX, `at most ${MESSAGE_LENGTH_MAX} characters`)
  .meta({
    description: 'What the visitor says',
    example: 'What does the Pro plan cost?',
    maxLength: MESSAGE_LENGTH_MAX,
  });

export const ClientSessionId = z
  .string()
  .min(1)
  .max(128)
  .meta({ description: "The caller's own name for the conversation", example: 'session_123' });

export const BusinessId = z
  .string()
  .min(1)
  .max(100)
  .meta({ description: "Whose Bob answers; the operator's own by default", example: 'office16852-platform' });

const SESSION_FIELDS = { session_id: ClientSessionId, message: MessageText };

export const PostPublicChat = z
  .strictObject({
    ...SESSION_FIELDS,
    business_id: BusinessId.optional(),
  })
  .meta({ id: 'PostPublicChat' });
export type PostPublicChat = z.output<typeof PostPublicChat>;

export const PostChatMessage = z.strictObject(SESSION_FIELDS).meta({ id: 'PostChatMessage' });
export type PostChatMessage = z.output<typeof PostChatMessage>;

/** How a visitor proves that a conversation is theirs, where no cookie of ours does. */
export const VisitorHeaders = z.object({
  'X-Session-Token': z.string().optional().meta({ description: 'Continues a session: from its first answer' }),
});

const OF_VISITOR = { session_id: ClientSessionId, business_id: BusinessId.optional() };

export const StopPublicChat = z.strictObject(OF_VISITOR).meta({ id: 'StopPublicChat' });
export type StopPublicChat = z.output<typeof StopPublicChat>;

export const StopChatMessage = z.strictObject({ session_id: ClientSessionId }).meta({ id: 'StopChatMessage' });
export type StopChatMessage = z.output<typeof StopChatMessage>;

export const ChatStopped = z
  .object({
    session_id: z.string(),
    stopped: prefixedId('trn').nullable().meta({
      description: 'The turn that ends here, with what was shown as its reply; null where nothing was running',
    }),
  })
  .meta({ id: 'ChatStopped' });
export type ChatStopped = z.output<typeof ChatStopped>;

export const RateChatAnswer = z
  .strictObject({
    ...OF_VISITOR,
    message_id: prefixedId('msg').meta({ description: 'The `message_id` of an answer' }),
    rating: z.enum(['up', 'down']),
    reason: z
      .string()
      .normalize('NFC')
      .min(1)
      .max(REASON_LENGTH_MAX)
      .optional()
      .meta({ description: `One of ${FEEDBACK_REASONS.join(', ')}; or own words, which no webhook repeats` }),
  })
  .meta({ id: 'RateChatAnswer' });
export type RateChatAnswer = z.output<typeof RateChatAnswer>;

export const ChatFeedback = z
  .object({
    session_id: z.string(),
    message_id: prefixedId('msg'),
    rating: z.enum(['up', 'down']),
    at: Timestamp.meta({ description: 'Since when it is rated so' }),
  })
  .meta({ id: 'ChatFeedback' });
export type ChatFeedback = z.output<typeof ChatFeedback>;

export const Citation = z.object({
  index: z.int().min(1).meta({ description: 'The mark `[n]` in the reply' }),
  source_id: prefixedId('src'),
  title: z.string(),
  url: z.string().nullable(),
});

export const Disclosure = z.object({ version: z.int(), text: z.string() });

export const ChatAnswer = z
  .object({
    session_id: z.string(),
    message_id: prefixedId('msg').nullable(),
    turn_id: prefixedId('trn'),
    seq: z.int().nullable(),
    reply: z.string().nullable(),
    outcome: z.enum(OUTCOMES),
    author: z.object({ type: z.literal('ai'), name: z.string(), ai_generated: z.literal(true) }),
    citations: z.array(Citation),
    owner: z.enum(['ai', 'queue', 'human']),
    handoff: z.null(),
    covered_by: prefixedId('trn').optional(),
    disclosure: Disclosure.optional().meta({
      description: 'In the first answer, and in the first one of the AI after a person spoke',
    }),
    session_token: z
      .string()
      .optional()
      .meta({ description: 'In the answer to the first message: continues the session in `X-Session-Token`' }),
    credits: z
      .object({ charged: CreditAmount, balance_after: CreditAmount, pricebook_version: z.int().nullable() })
      .optional()
      .meta({ description: 'For signed-in callers' }),
    persona: z
      .object({ id: prefixedId('per'), version: z.int() })
      .optional()
      .meta({ description: 'For signed-in callers' }),
  })
  .meta({ id: 'ChatAnswer' });
export type ChatAnswer = z.output<typeof ChatAnswer>;

export const ChatAccepted = z
  .object({
    session_id: z.string(),
    message_id: prefixedId('msg'),
    turn_id: prefixedId('trn'),
    status: z.literal('accepted'),
    session_token: z.string().optional(),
  })
  .meta({ id: 'ChatAccepted' });
export type ChatAccepted = z.output<typeof ChatAccepted>;

/** What the first event of a stream says: the message is on record. */
export interface ChatStreamAccepted {
  turn_id: `trn_${string}`;
  message_id: `msg_${string}`;
  session_token?: string;
  disclosure?: z.output<typeof Disclosure>;
}

const TRANSCRIPT_QUERY = {
  after: z.coerce
    .number()
    .int()
    .min(0)
    .max(SEQ_MAX)
    .default(0)
    .meta({ description: 'Only messages with a higher `seq`' }),
  limit: LIST_QUERY.limit,
};

export const TranscriptQuery = z.strictObject({
  session_id: ClientSessionId,
  business_id: PostPublicChat.shape.business_id,
  ...TRANSCRIPT_QUERY,
});
export type TranscriptQuery = z.output<typeof TranscriptQuery>;

export const HistoryQuery = z.strictObject(TRANSCRIPT_QUERY);
export type HistoryQuery = z.output<typeof HistoryQuery>;

export const HistoryParams = z.object({ session_id: ClientSessionId });
export type HistoryParams = z.output<typeof HistoryParams>;

export const Message = z
  .object({
    id: prefixedId('msg'),
    seq: z.int().min(1),
    author: z.object({
      type: z.enum(['visitor', 'user', 'ai', 'human', 'system']),
      name: z.string().optional().meta({ description: 'Of a person of the team' }),
      ai_generated: z.boolean(),
    }),
    text: z.string().nullable().meta({ description: 'Null once the conversation is erased' }),
    cut: z.boolean(),
    turn_id: prefixedId('trn').nullable(),
    citations: z.array(Citation),
    created_at: Timestamp,
  })
  .meta({ id: 'Message' });
export type Message = z.output<typeof Message>;

export const Transcript = z
  .object({ data: z.array(Message), next_after: z.int(), has_more: z.boolean() })
  .meta({ id: 'Transcript' });
export type Transcript = z.output<typeof Transcript>;
