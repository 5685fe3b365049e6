import type { EndpointId, SessionId } from '#domain/ids.ts';
import type { Owner } from '#domain/turn.ts';
import { closedSignal, ownerSignal } from '#domain/session-handover.ts';
import { tellSession } from '#platform/hand-over.ts';

import type { ApiDeps } from '../deps.ts';

export type AnnounceDeps = Pick<ApiDeps, 'doorbell' | 'temporal' | 'logger'>;

export interface CommittedChange {
  sessionId: SessionId;
  endpointIds: readonly EndpointId[];
  /** Who speaks from now on; absent where nothing changed about that. */
  owner?: Owner;
  isClosed?: boolean;
}

/**
 * After the commit: whoever looks at the conversation looks again, and a running turn learns that it may not go on.
 * Nothing waits for this: what holds the turn back is the row, not the ring.
 */
export function announceChange(deps: AnnounceDeps, change: CommittedChange): void {
  const { sessionId, endpointIds, owner, isClosed = false } = change;
  for (const endpointId of endpointIds) deps.doorbell.ring('webhook_due', endpointId);
  deps.doorbell.ring('session_changed', sessionId);
  if (owner === undefined) return;
  deps.doorbell.ring('turn_stop', sessionId);
  void tellWorkflow(deps, { sessionId, owner, isClosed });
}

async function tellWorkflow(
  { temporal, logger }: AnnounceDeps,
  { sessionId, owner, isClosed }: { sessionId: SessionId; owner: Owner; isClosed: boolean },
): Promise<void> {
  try {
    await tellSession(temporal, ownerSignal({ sessionId, owner }));
    if (isClosed) await tellSession(temporal, closedSignal({ sessionId }));
  } catch (error) {
    // It only saves the workflow a wait: each turn reads the row before it speaks.
    logger.warn({ error, sessionId }, 'change of owner not told to its workflow');
  }
}
