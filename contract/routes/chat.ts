import { ChatSession, OpenChatSession } from '../chat-session.ts';
import {
  ChatFeedback,
  ChatStopped,
  HistoryParams,
  HistoryQuery,
  PostChatMessage,
  PostPublicChat,
  RateChatAnswer,
  StopChatMessage,
  StopPublicChat,
  Transcript,
  TranscriptQuery,
  VisitorHeaders,
} from '../chat.ts';
import { CHAT_ANSWERS } from './chat-answers.ts';
import type { RouteDocument } from './route-document.ts';

const TALKING: readonly RouteDocument[] = [
  {
    method: 'post',
    path: '/api/chat',
    operationId: 'chat',
    tag: 'chat',
    summary: 'Say something to Bob, from a page of this site',
    access: 'public',
    body: PostPublicChat,
    headers: VisitorHeaders,
    idempotent: true,
    responses: CHAT_ANSWERS,
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
    responses: CHAT_ANSWERS,
    problems: [
      'credits-exhausted',
      'not-found',
      'session-closed',
      'session-busy',
      'idempotency-mismatch',
      'invalid-header',
      'unavailable',
    ],
  },
  {
    method: 'post',
    path: '/api/chat/session',
    operationId: 'openChatSession',
    tag: 'chat',
    summary: 'Open a conversation before its first message, under a persona of your choice',
    access: 'chat.manage',
    body: OpenChatSession,
    idempotent: true,
    responses: {
      201: { description: 'Opened; its first message goes to POST /api/chat/message', schema: ChatSession },
      200: { description: 'The conversation that has this session_id already', schema: ChatSession },
    },
    problems: ['business-not-found', 'not-found', 'conflict'],
  },
];

const VISITING = ['origin-not-allowed', 'business-not-found', 'not-found', 'session-proof-required'] as const;

/** What may be done beside talking, by whoever may talk. */
const BESIDE: readonly RouteDocument[] = [
  {
    method: 'post',
    path: '/api/chat/stop',
    operationId: 'stopChat',
    tag: 'chat',
    summary: 'Stop the running answer: what was shown is kept, and charged by the tokens really used',
    access: 'public',
    body: StopPublicChat,
    headers: VisitorHeaders,
    responses: { 200: { description: 'Stopped, or nothing was running', schema: ChatStopped } },
    problems: VISITING,
  },
  {
    method: 'post',
    path: '/api/chat/message/stop',
    operationId: 'stopChatSignedIn',
    tag: 'chat',
    summary: 'Stop the running answer, signed in',
    access: 'chat.manage',
    body: StopChatMessage,
    responses: { 200: { description: 'Stopped, or nothing was running', schema: ChatStopped } },
    problems: ['not-found'],
  },
  {
    method: 'post',
    path: '/api/chat/feedback',
    operationId: 'rateChatAnswer',
    tag: 'chat',
    summary: 'Rate an answer up or down; a later rating replaces an earlier one',
    access: 'public',
    body: RateChatAnswer,
    headers: VisitorHeaders,
    responses: { 200: { description: 'The rating that counts', schema: ChatFeedback } },
    problems: VISITING,
  },
];

const READING: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/chat/messages',
    operationId: 'readOwnChat',
    tag: 'chat',
    summary: "A visitor's own conversation, by seq",
    access: 'public',
    query: TranscriptQuery,
    headers: VisitorHeaders,
    description:
      'With `Accept: text/event-stream` a live feed: each new message with its `seq` as id, and `owner` events.',
    responses: {
      200: { description: 'Messages, oldest first', schema: Transcript, mediaTypes: ['text/event-stream'] },
    },
    problems: VISITING,
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

export const CHAT_ROUTES: readonly RouteDocument[] = [...TALKING, ...BESIDE, ...READING];
