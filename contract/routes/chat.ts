import {
  ChatAccepted,
  ChatAnswer,
  HistoryParams,
  HistoryQuery,
  PostChatMessage,
  PostPublicChat,
  Transcript,
  TranscriptQuery,
} from '../chat.ts';
import type { RouteDocument } from './route-document.ts';

const ANSWERS = {
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
  {
    method: 'get',
    path: '/api/chat/messages',
    operationId: 'readOwnChat',
    tag: 'chat',
    summary: "A visitor's own conversation, by seq",
    access: 'public',
    query: TranscriptQuery,
    description:
      'With `Accept: text/event-stream` a live feed: each new message with its `seq` as id, and `owner` events.',
    responses: {
      200: { description: 'Messages, oldest first', schema: Transcript, mediaTypes: ['text/event-stream'] },
    },
    problems: ['origin-not-allowed', 'business-not-found', 'not-found', 'session-proof-required'],
  },
  {
    method: 'get',
    path: '/api/chat/history/:session_id',
    operationId: 'readChatHistory',
    tag: 'chat',
    summary: 'A conversation of the tenant, opened by any path',
    access: 'sessions.read',
    params: HistoryParams,
    query: HistoryQuery,
    responses: { 200: { description: 'Messages, oldest first', schema: Transcript } },
    problems: ['not-found'],
  },
];
