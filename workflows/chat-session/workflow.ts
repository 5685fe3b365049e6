import { condition, continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow';

import type { SessionStart } from '#domain/session-handover.ts';

import { idleClock } from './idle-clock.ts';
import { submitTurn } from './messages.ts';
import { runTurn } from './turn.ts';
import { turnQueue } from './turn-queue.ts';

/** Replaying a longer history after an eviction would make a visitor wait (sessions: workflow rules). */
const HISTORY_EVENT_MAX = 500;

/** One durable conversation: turns run one at a time, in acceptance order, until the visitor goes quiet. */
export async function chatSession(session: SessionStart): Promise<void> {
  const turns = turnQueue(session);
  const idle = idleClock(session.idleMs);
  setHandler(submitTurn, turns.add, { validator: turns.refuseIfFull });

  for (let taken = 0; taken < session.turnMax && workflowInfo().historyLength < HISTORY_EVENT_MAX; taken += 1) {
    await condition(() => turns.hasNext() || idle.isOver());
    const turnId = turns.next();
    // Quiet: the conversation rests in PostgreSQL, and the next message starts a new run.
    if (turnId === undefined) return;
    await runTurn({ tenantId: session.tenantId, turnId });
    idle.touch();
  }
  // Rolling over in the task that completes an update can lose its result (temporalio/temporal #6375).
  await sleep('100 ms');
  await continueAsNew<typeof chatSession>({ ...session, ...turns.rest() });
}
