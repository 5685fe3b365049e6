import { ChatAccepted, ChatAnswer, PostChatMessage, PostPublicChat } from '../chat.ts';
import type { RouteDocument } from './route-document.ts';

const ANSWERS = {
  200: {
    description: 'The outcome of the message',
    schema: ChatAnswer,
    headers: { 'Server-Timing': 'accept, queue, model and commit in milliseconds' },
  },
  202: {
    description: 'Accepted; the answer takes longer. Sending the same Idempotency-Key again waits for it',
    schema: ChatAccepted,
  },
} as const;

export const CHAT_ROUTES: readonly RouteDocument[] = [
  {
    method: 'post',
    path: '/api/chat',
    operationId: 'chat',
    tag: 'chat',
    summary: 'Say something to Bob, from a page of this site',
    access: 'public',
    body: PostPublicChat,
    idempotent: true,
    responses: ANSWERS,
    problems: [
      'origin-not-allowed',
      'business-not-found',
      'session-proof-required',
      'session-closed',
      'session-busy',
      'idempotency-mismatch',
      'invalid-header',
      'unavailable',
    ],
  },
  {
    method: 'post',
    path: '/api/chat/message',
    operationId: 'chatSignedIn',
    tag: 'chat',
    summary: 'Say something to Bob, signed in',
    access: 'chat.manage',
    body: PostChatMessage,
    idempotent: true,
    responses: ANSWERS,
    problems: [
      'credits-exhausted',
      'session-closed',
      'session-busy',
      'idempotency-mismatch',
      'invalid-header',
      'unavailable',
    ],
  },
];
