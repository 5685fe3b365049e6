import { toUuid, type SessionId, type TenantId, type TurnId } from './ids.ts';
import type { Channel } from './turn.ts';

/** The names under which a session's workflow is reached from every process; changing one orphans running sessions. */
const SESSION_WORKFLOW = 'chatSession';
export const SUBMIT_TURN = 'submitTurn';
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
}

export interface SubmitTurn {
  turnId: TurnId;
}

export interface HandedTurn {
  tenantId: TenantId;
  sessionId: SessionId;
  turnId: TurnId;
  channel: Channel;
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
  searchAttributes: { tenant: string; channel: Channel };
}

/** A quiet session's workflow ends after this; its conversation stays open in PostgreSQL. */
const IDLE_MS = 15 * 60_000;
/** Turns of one run; replaying a longer history would make a visitor wait. */
const TURN_MAX = 40;
/** A dead worker's tasks are handed out again after this long; a running one beats at four fifths of it. */
const WORKFLOW_TASK_TIMEOUT_MS = 3000;

export function sessionHandover({ tenantId, sessionId, turnId, channel }: HandedTurn): SessionHandover {
  return {
    workflowType: SESSION_WORKFLOW,
    workflowId: `chat/${toUuid(sessionId)}`,
    taskQueue: CHAT_TASK_QUEUE,
    start: { tenantId, waiting: [], known: [], idleMs: IDLE_MS, turnMax: TURN_MAX },
    workflowTaskTimeoutMs: WORKFLOW_TASK_TIMEOUT_MS,
    update: SUBMIT_TURN,
    updateId: turnId,
    submit: { turnId },
    fairnessKey: tenantId,
    searchAttributes: { tenant: tenantId, channel },
  };
}
