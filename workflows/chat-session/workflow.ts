import { condition, continueAsNew, setHandler, sleep, workflowInfo } from '@temporalio/workflow';

import { SESSION_SETTINGS, type SessionStart } from '#domain/session-handover.ts';

import { idleClock } from './idle-clock.ts';
import { ownerChanged, sessionClosed, submitTurn } from './messages.ts';
import { ownerNote } from './owner-note.ts';
import { turnRunner } from './turn.ts';
import { turnQueue } from './turn-queue.ts';

/** One durable conversation: turns run one at a time, in acceptance order, until the visitor goes quiet. */
export async function chatSession(session: SessionStart): Promise<void> {
  const turns = turnQueue(session);
  const idle = idleClock(session.idleMs);
  const owner = ownerNote(session);
  const runTurn = turnRunner(session);
  let closed = false;
  setHandler(submitTurn, turns.add, { validator: turns.refuseIfFull });
  setHandler(ownerChanged, owner.change);
  setHandler(sessionClosed, () => {
    closed = true;
  });

  for (let taken = 0; taken < session.turnMax && !isLong(session); taken += 1) {
    await condition(() => turns.hasNext() || closed || idle.isOver());
    const turnId = turns.next();
    // Quiet or closed: the conversation rests in PostgreSQL, and a next message starts a new run.
    if (turnId === undefined) return;
    await runTurn({ tenantId: session.tenantId, turnId });
    idle.touch();
  }
  // Rolling over in the task that completes an update can lose its result (temporalio/temporal #6375).
  await sleep('100 ms');
  if (closed && !turns.hasNext()) return;
  await continueAsNew<typeof chatSession>({ ...session, ...turns.rest(), owner: owner.current() });
}

/** Replaying a longer history after an eviction would make a visitor wait (sessions: workflow rules). */
function isLong({ eventMax = SESSION_SETTINGS.eventMax }: SessionStart): boolean {
  return workflowInfo().historyLength >= eventMax;
}
