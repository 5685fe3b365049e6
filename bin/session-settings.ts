import { SESSION_SETTINGS, type SessionSettings } from '#domain/session-handover.ts';
import type { Env } from '#platform/env.ts';

export type SessionEnv = Pick<
  Env,
  | 'BOB_SESSION_IDLE_MS'
  | 'BOB_SESSION_TURN_MAX'
  | 'BOB_SESSION_EVENT_MAX'
  | 'BOB_TURN_TRY_MS'
  | 'BOB_TURN_TIMEOUT_MS'
  | 'BOB_WORKFLOW_TASK_TIMEOUT_MS'
>;

/** A session's life as this installation wants it. What runs already keeps what it was started with. */
export function sessionSettings(env: SessionEnv): SessionSettings {
  return {
    idleMs: env.BOB_SESSION_IDLE_MS ?? SESSION_SETTINGS.idleMs,
    turnMax: env.BOB_SESSION_TURN_MAX ?? SESSION_SETTINGS.turnMax,
    eventMax: env.BOB_SESSION_EVENT_MAX ?? SESSION_SETTINGS.eventMax,
    tryMs: env.BOB_TURN_TRY_MS ?? SESSION_SETTINGS.tryMs,
    turnMs: env.BOB_TURN_TIMEOUT_MS ?? SESSION_SETTINGS.turnMs,
    workflowTaskTimeoutMs: env.BOB_WORKFLOW_TASK_TIMEOUT_MS ?? SESSION_SETTINGS.workflowTaskTimeoutMs,
  };
}
