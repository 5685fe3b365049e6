import { WithStartWorkflowOperation, WorkflowExecutionAlreadyStartedError, type Client } from '@temporalio/client';
import {
  defineSearchAttributeKey,
  SearchAttributeType,
  TypedSearchAttributes,
  WorkflowNotFoundError,
} from '@temporalio/common';

import type { SessionHandover, SessionSignal, SessionStart, SubmitTurn } from '#domain/session-handover.ts';

type SessionWorkflow = (session: SessionStart) => Promise<void>;

const TENANT = defineSearchAttributeKey('BobTenant', SearchAttributeType.KEYWORD);
const CHANNEL = defineSearchAttributeKey('BobChannel', SearchAttributeType.KEYWORD);
const OWNER = defineSearchAttributeKey('BobOwner', SearchAttributeType.KEYWORD);

/** Update-with-start: the session's workflow learns of the turn, and is started where none runs. */
export async function handOver(client: Client, handover: SessionHandover): Promise<void> {
  const startWorkflowOperation = new WithStartWorkflowOperation<SessionWorkflow>(handover.workflowType, {
    ...startOptions(handover),
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [handover.start],
  });
  await client.workflow.startUpdateWithStart<SessionWorkflow, void, [SubmitTurn]>(handover.update, {
    args: [handover.submit],
    updateId: handover.updateId,
    waitForStage: 'ACCEPTED',
    startWorkflowOperation,
  });
}

/**
 * A session that has spoken before most likely runs still, and an update alone asks less of the server than one that
 * brings a start along: a start is checked each time, used or not.
 */
export async function handOverNext(client: Client, handover: SessionHandover): Promise<void> {
  try {
    await client.workflow
      .getHandle<SessionWorkflow>(handover.workflowId)
      .startUpdate<void, [SubmitTurn]>(handover.update, {
        args: [handover.submit],
        updateId: handover.updateId,
        waitForStage: 'ACCEPTED',
      });
  } catch (error) {
    // Quiet for long enough to have ended, or never told of: it is started with this turn.
    if (!(error instanceof WorkflowNotFoundError)) throw error;
    await handOver(client, handover);
  }
}

/**
 * The first turn of a session travels as its start, and the answer of that call brings the workflow task along: no way
 * through the task queue. It takes a client that shares its native connection with the worker of this process.
 */
export async function handOverFirst(client: Client, handover: SessionHandover): Promise<void> {
  const turns = [handover.submit.turnId];
  try {
    await client.workflow.start<SessionWorkflow>(handover.workflowType, {
      ...startOptions(handover),
      workflowIdConflictPolicy: 'FAIL',
      requestEagerStart: true,
      args: [{ ...handover.start, waiting: turns, known: turns }],
    });
  } catch (error) {
    // An earlier try arrived after all, or a second message was faster: the turn is known there, or takes its place.
    if (!(error instanceof WorkflowExecutionAlreadyStartedError)) throw error;
    await handOver(client, handover);
  }
}

/** A session that nobody runs needs no telling: its next run starts from the row. */
export async function tellSession(client: Client, { workflowId, name, args }: SessionSignal): Promise<void> {
  try {
    await client.workflow.getHandle(workflowId).signal(name, ...args);
  } catch (error) {
    if (!(error instanceof WorkflowNotFoundError)) throw error;
  }
}

function startOptions({ searchAttributes, ...handover }: SessionHandover) {
  return {
    workflowId: handover.workflowId,
    taskQueue: handover.taskQueue,
    workflowTaskTimeout: handover.workflowTaskTimeoutMs,
    priority: { fairnessKey: handover.fairnessKey },
    typedSearchAttributes: new TypedSearchAttributes([
      { key: TENANT, value: searchAttributes.tenant },
      { key: CHANNEL, value: searchAttributes.channel },
      { key: OWNER, value: searchAttributes.owner },
    ]),
  };
}
