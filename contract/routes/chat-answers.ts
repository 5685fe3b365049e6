import { ChatAccepted, ChatAnswer } from '../chat.ts';
import type { AnswerDocument } from './route-document.ts';

/** What every path that takes a message answers with. */
export const CHAT_ANSWERS = {
  200: {
    description: 'The outcome of the message',
    schema: ChatAnswer,
    mediaTypes: ['text/event-stream'],
    headers: { 'Server-Timing': 'accept, queue, model and commit in milliseconds' },
  },
  202: {
    description: 'Accepted; the answer takes longer. Sending the same Idempotency-Key again waits for it',
    schema: ChatAccepted,
    headers: { Location: 'The conversation so far, from this message on' },
  },
} as const satisfies Record<number, AnswerDocument>;
