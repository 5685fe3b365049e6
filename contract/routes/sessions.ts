import {
  AssignSession,
  CloseSession,
  HandBackSession,
  NoteInSession,
  ReplyInSession,
  SessionClosed,
  SessionDetail,
  SessionHandedBack,
  SessionList,
  SessionListQuery,
  SessionMessage,
  SessionMessagesQuery,
  SessionOwnership,
  SessionParams,
  SessionThread,
  TakeOverSession,
} from '../sessions.ts';
import type { RouteDocument } from './route-document.ts';

const ONE = '/api/sessions/:id';
const TAG = 'sessions';

/** What every command on a conversation has in common. */
const ACTION = {
  method: 'post',
  tag: TAG,
  access: 'sessions.supervise',
  params: SessionParams,
  idempotent: true,
} as const;

const READING: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/sessions',
    operationId: 'listSessions',
    tag: TAG,
    summary: 'Conversations of the tenant, newest first',
    access: 'sessions.read',
    query: SessionListQuery,
    responses: { 200: { description: 'A page of conversations', schema: SessionList } },
  },
  {
    method: 'get',
    path: ONE,
    operationId: 'getSession',
    tag: TAG,
    summary: 'One conversation, with what is known around it',
    access: 'sessions.read',
    params: SessionParams,
    responses: { 200: { description: 'The conversation', schema: SessionDetail } },
  },
  {
    method: 'get',
    path: `${ONE}/messages`,
    operationId: 'readSessionMessages',
    tag: TAG,
    summary: 'The messages of a conversation as the team sees them, notes included',
    access: 'sessions.read',
    params: SessionParams,
    query: SessionMessagesQuery,
    description:
      'With `Accept: text/event-stream` the live thread: `message` (its `seq` is the id), `owner`, and of a running ' +
      'answer `delta` {turn_id, delta} until its message comes in their place, or `reset` {turn_id} makes them void. ' +
      '`Last-Event-ID` goes on behind that message.',
    responses: {
      200: { description: 'Messages, oldest first', schema: SessionThread, mediaTypes: ['text/event-stream'] },
    },
  },
  {
    method: 'get',
    path: '/api/sessions/feed',
    operationId: 'followSessions',
    tag: TAG,
    summary: 'What changes in any conversation: ids and counters, as server-sent events',
    description:
      'First `ready` {pos}, then `changed` {type, session_id, seq, pos, owner?, owner_epoch?, message_seq?}. The id ' +
      'is `pos`; `Last-Event-ID` goes on behind it. Without one it begins now.',
    access: 'sessions.read',
    responses: { 200: { description: 'A stream without end', mediaTypes: ['text/event-stream'] } },
  },
];

const OWNERSHIP: readonly RouteDocument[] = [
  {
    ...ACTION,
    path: `${ONE}/takeover`,
    operationId: 'takeOverSession',
    summary: 'Speak instead of Bob; what is not shown of a running answer never leaves',
    body: TakeOverSession,
    responses: { 200: { description: 'You are in charge', schema: SessionOwnership } },
    problems: ['already-owned', 'session-closed'],
  },
  {
    ...ACTION,
    path: `${ONE}/handback`,
    operationId: 'handBackSession',
    summary: 'Let Bob speak again; a message that waits is answered at once',
    body: HandBackSession,
    responses: { 200: { description: 'Bob is in charge', schema: SessionHandedBack } },
    problems: ['already-owned', 'no-responder', 'session-closed'],
  },
  {
    ...ACTION,
    path: `${ONE}/assign`,
    operationId: 'assignSession',
    summary: 'Give a conversation to a colleague',
    body: AssignSession,
    responses: { 200: { description: 'The colleague is in charge', schema: SessionOwnership } },
    problems: ['session-closed'],
  },
  {
    ...ACTION,
    path: `${ONE}/close`,
    operationId: 'closeSession',
    summary: 'End a conversation; later messages are answered 410',
    body: CloseSession,
    responses: { 200: { description: 'Closed', schema: SessionClosed } },
  },
];

const WRITING: readonly RouteDocument[] = [
  {
    ...ACTION,
    path: `${ONE}/reply`,
    operationId: 'replyInSession',
    summary: 'Answer the visitor yourself; takes over where nobody has',
    body: ReplyInSession,
    responses: { 201: { description: 'The message', schema: SessionMessage } },
    problems: ['already-owned', 'session-closed'],
  },
  {
    ...ACTION,
    path: `${ONE}/note`,
    operationId: 'noteInSession',
    summary: 'A note among colleagues: no visitor, prompt or webhook ever sees it',
    body: NoteInSession,
    responses: { 201: { description: 'The note', schema: SessionMessage } },
    problems: ['session-closed'],
  },
];

export const SESSION_ROUTES: readonly RouteDocument[] = [...READING, ...OWNERSHIP, ...WRITING];
