import type { Client } from '@temporalio/client';

import type { ComponentHealth } from '#contract/health.ts';
import type { Clock } from '#platform/clock.ts';

const DEADLINE_MS = 2000;
/** A worker's poll waits a minute at most, so a living one has been seen within this time. */
const POLLER_SEEN_MS = 90_000;
const TASK_QUEUES = ['chat', 'webhooks', 'maintenance'];
const WORKFLOW_TASKS = 1;

interface TemporalDeps {
  temporal: Client;
  clock: Clock;
}

/** Asks for our namespace: a server that answers without it cannot run a conversation. */
export async function checkTemporal({ temporal, clock }: TemporalDeps): Promise<ComponentHealth> {
  const { namespace } = temporal.options;
  await temporal.connection.withDeadline(deadline(clock), () =>
    temporal.workflowService.describeNamespace({ namespace }),
  );
  return { state: 'ok' };
}

/** Each task queue needs at least one worker that polls. */
export async function checkWorkers({ temporal, clock }: TemporalDeps): Promise<ComponentHealth> {
  const counts = await Promise.all(
    TASK_QUEUES.map(async (name) => ({ name, polling: await countPollers({ temporal, clock }, name) })),
  );
  const deserted = counts.filter(({ polling }) => polling === 0).map(({ name }) => name);
  if (deserted.length > 0) return { state: 'down', detail: `nobody polls ${deserted.join(', ')}` };
  return { state: 'ok', detail: counts.map(({ name, polling }) => `${name} ${polling}`).join(', ') };
}

async function countPollers({ temporal, clock }: TemporalDeps, name: string): Promise<number> {
  const { namespace } = temporal.options;
  const { pollers } = await temporal.connection.withDeadline(deadline(clock), () =>
    temporal.workflowService.describeTaskQueue({ namespace, taskQueue: { name }, taskQueueType: WORKFLOW_TASKS }),
  );
  const seenSince = clock.now().getTime() - POLLER_SEEN_MS;
  return (pollers ?? []).filter(({ lastAccessTime }) => Number(lastAccessTime?.seconds ?? 0) * 1000 > seenSince).length;
}

function deadline(clock: Clock): number {
  return clock.now().getTime() + DEADLINE_MS;
}
