import { toUuid, type SessionId, type TenantId, type TurnId } from './ids.ts';
import type { Channel, Owner } from './turn.ts';

/** The names under which a session's workflow is reached from every process; changing one orphans running sessions. */
const SESSION_WORKFLOW = 'chatSession';
export const SUBMIT_TURN = 'submitTurn';
export const OWNER_CHANGED = 'ownerChanged';
export const SESSION_CLOSED = 'sessionClosed';
export const CHAT_TASK_QUEUE = 'chat';

/** What a session's workflow starts with: ids and durations. Not a word of the conversation ever passes through it. */
export interface SessionStart {
  tenantId: TenantId;
  /** Turns that wait, carried along by a roll-over. */
  waiting: TurnId[];
  /** Turns known already, newest last: a message handed over twice runs once. */
  known: TurnId[];
  idleMs: number;
  turnMax: number;
  /** What follows was added later: a run that started without it takes today's defaults. */
  eventMax?: number;
  tryMs?: number;
  turnMs?: number;
  /** Who speaks as far as this workflow was told, carried along by a roll-over; absent is Bob. */
  owner?: Owner;
}

/** What an installation may choose of a session's life; docs/operate/settings.md has the reasons. */
export interface SessionSettings {
  /** A quiet session's workflow ends after this; its conversation stays open in PostgreSQL. */
  idleMs: number;
  /** Turns and events of one run; replaying a longer history would make a visitor wait. */
  turnMax: number;
  eventMax: number;
  /** One try of a turn, and all of them. */
  tryMs: number;
  turnMs: number;
  /** A dead worker's tasks are handed out again after this long; a running one beats at four fifths of it. */
  workflowTaskTimeoutMs: number;
}

export const SESSION_SETTINGS: Readonly<SessionSettings> = {
  idleMs: 15 * 60_000,
  turnMax: 40,
  eventMax: 500,
  tryMs: 90_000,
  turnMs: 120_000,
  workflowTaskTimeoutMs: 3000,
};

export interface SubmitTurn {
  turnId: TurnId;
}

export interface OwnerChanged {
  owner: Owner;
}

export interface HandedTurn {
  tenantId: TenantId;
  sessionId: SessionId;
  turnId: TurnId;
  channel: Channel;
  /** Its message opened the session, so no workflow runs yet. */
  isNew?: boolean;
  /** Absent is Bob. */
  owner?: Owner;
}

/** Everything Temporal is told to give an accepted turn its place in its session's order. */
export interface SessionHandover {
  workflowType: string;
  workflowId: string;
  taskQueue: string;
  start: SessionStart;
  workflowTaskTimeoutMs: number;
  update: string;
  /** The turn's id: handing over again changes nothing. */
  updateId: string;
  submit: SubmitTurn;
  fairnessKey: string;
  searchAttributes: { tenant: string; channel: Channel; owner: Owner };
}

function sessionWorkflowId(sessionId: SessionId): string {
  return `chat/${toUuid(sessionId)}`;
}

/** What a running workflow is told beside its turns. */
export interface SessionSignal {
  workflowId: string;
  name: string;
  args: [OwnerChanged] | [];
}

export function ownerSignal({ sessionId, owner }: OwnerChanged & { sessionId: SessionId }): SessionSignal {
  return { workflowId: sessionWorkflowId(sessionId), name: OWNER_CHANGED, args: [{ owner }] };
}

/** The session's workflow ends when its queue is empty. */
export function closedSignal({ sessionId }: { sessionId: SessionId }): SessionSignal {
  return { workflowId: sessionWorkflowId(sessionId), name: SESSION_CLOSED, args: [] };
}

export function sessionHandover(
  { tenantId, sessionId, turnId, channel, owner = 'ai' }: HandedTurn,
  settings: Readonly<SessionSettings> = SESSION_SETTINGS,
): SessionHandover {
  const { workflowTaskTimeoutMs, ...limits } = settings;
  return {
    workflowType: SESSION_WORKFLOW,
    workflowId: sessionWorkflowId(sessionId),
    taskQueue: CHAT_TASK_QUEUE,
    start: { tenantId, waiting: [], known: [], ...limits, owner },
    workflowTaskTimeoutMs,
    update: SUBMIT_TURN,
    updateId: turnId,
    submit: { turnId },
    fairnessKey: tenantId,
    searchAttributes: { tenant: tenantId, channel, owner },
  };
}
