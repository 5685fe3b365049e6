import { z } from 'zod';

import { ClientSessionId, MessageText, RateChatAnswer, TranscriptQuery, VisitorHeaders } from './chat.ts';

const CONTEXT_BYTES_MAX = 4096;
const LANGUAGE_TAG_MAX = 35;
const PAGE_LENGTH_MAX = 2048;
const PERSONA_LENGTH_MAX = 100;

/** What the page says about itself. Nobody has checked it: no prompt has a word of it. */
const WidgetContext = z
  .strictObject({
    language: z.string().max(LANGUAGE_TAG_MAX).optional().meta({
      description: 'For fixed texts of a new session, where the tenant speaks it',
      example: 'nl-BE',
    }),
    page: z
      .string()
      .max(PAGE_LENGTH_MAX)
      .optional()
      .meta({ description: 'Origin and path', example: 'https://example.com/' }),
    persona: z.string().max(PERSONA_LENGTH_MAX).optional().meta({
      description: 'Slug or id of the persona for a new session; where it is not live, the default one speaks',
    }),
    data: z.record(z.string(), z.unknown()).optional().meta({ description: 'Anything a person may want to know' }),
  })
  .refine((context) => jsonBytes(context) <= CONTEXT_BYTES_MAX, `at most ${CONTEXT_BYTES_MAX} bytes of JSON`)
  .meta({ description: `Untrusted, at most ${CONTEXT_BYTES_MAX} bytes of JSON` });

export const PostWidgetChat = z
  .strictObject({ session_id: ClientSessionId, message: MessageText, context: WidgetContext.optional() })
  .meta({ id: 'PostWidgetChat' });
export type PostWidgetChat = z.output<typeof PostWidgetChat>;

export const RateWidgetAnswer = RateChatAnswer.omit({ business_id: true }).meta({ id: 'RateWidgetAnswer' });
export type RateWidgetAnswer = z.output<typeof RateWidgetAnswer>;

export const WidgetTranscriptQuery = TranscriptQuery.omit({ business_id: true });
export type WidgetTranscriptQuery = z.output<typeof WidgetTranscriptQuery>;

/** The headers of every widget call; the key itself is a security scheme. */
export const WidgetHeaders = VisitorHeaders.extend({
  Origin: z
    .string()
    .meta({ description: 'Of the page; must be on the list of the tenant of the key', example: 'https://example.com' }),
});

/** A body of 64 KiB can be nested deeper than any text of it can be written. */
function jsonBytes(value: unknown): number {
  try {
    return new TextEncoder().encode(JSON.stringify(value)).length;
  } catch {
    return Infinity;
  }
}
