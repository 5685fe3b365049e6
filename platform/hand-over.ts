import { WithStartWorkflowOperation, type Client } from '@temporalio/client';
import { defineSearchAttributeKey, SearchAttributeType, TypedSearchAttributes } from '@temporalio/common';

import type { SessionHandover, SessionStart, SubmitTurn } from '#domain/session-handover.ts';

type SessionWorkflow = (session: SessionStart) => Promise<void>;

const TENANT = defineSearchAttributeKey('BobTenant', SearchAttributeType.KEYWORD);
const CHANNEL = defineSearchAttributeKey('BobChannel', SearchAttributeType.KEYWORD);

/** Update-with-start: the session's workflow learns of the turn, and is started where none runs. */
export async function handOver(client: Client, handover: SessionHandover): Promise<void> {
  const { searchAttributes } = handover;
  const startWorkflowOperation = new WithStartWorkflowOperation<SessionWorkflow>(handover.workflowType, {
    workflowId: handover.workflowId,
    workflowIdConflictPolicy: 'USE_EXISTING',
    taskQueue: handover.taskQueue,
    args: [handover.start],
    workflowTaskTimeout: handover.workflowTaskTimeoutMs,
    priority: { fairnessKey: handover.fairnessKey },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: TENANT, value: searchAttributes.tenant },
      { key: CHANNEL, value: searchAttributes.channel },
    ]),
  });
  await client.workflow.startUpdateWithStart<SessionWorkflow, void, [SubmitTurn]>(handover.update, {
    args: [handover.submit],
    updateId: handover.updateId,
    waitForStage: 'ACCEPTED',
    startWorkflowOperation,
  });
}
