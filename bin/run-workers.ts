import type { Client } from '@temporalio/client';
import { Runtime, Worker, type WorkerOptions } from '@temporalio/worker';

import { MAINTENANCE_TASK_QUEUE } from '#domain/maintenance.ts';
import { CHAT_TASK_QUEUE } from '#domain/session-handover.ts';
import { WEBHOOK_TASK_QUEUE } from '#domain/webhooks/lane-messages.ts';
import type { Env } from '#platform/env.ts';
import { createLogger, type Logger } from '#platform/logger.ts';
import { connectWorker } from '#platform/temporal-worker.ts';
import { workflowBundle } from '#platform/workflow-bundle.ts';

import { keepSchedules } from './keep-schedules.ts';

/** Turns in flight of one process; a turn holds a workflow task and a local activity slot while the model speaks. */
const TURNS_MAX = 300;
const DELIVERIES_MAX = 200;
/** A third of a megabyte each; a conversation that falls out is replayed with its next message. */
const CACHED_WORKFLOWS_MAX = 300;

/** One Temporal worker per task queue, so that webhooks never take a slot from a conversation. */
export async function runWorkers(
  env: Env,
  activitiesWith: (client: Client) => object,
): Promise<{ client: Client; stop(): Promise<void> }> {
  const logger = createLogger({ level: env.LOG_LEVEL });
  installRuntime(logger);
  const { connection, client, close } = await connectWorker(env);
  const shared: Partial<WorkerOptions> = {
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    activities: activitiesWith(client),
    workflowBundle: await workflowBundle(),
    reuseV8Context: true,
    stickyQueueScheduleToStartTimeout: '2s',
    workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 2, initial: 5, maximum: 40 },
    activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 2, maximum: 10 },
  };
  const chat = await Worker.create({
    ...shared,
    taskQueue: CHAT_TASK_QUEUE,
    // A turn that runs is worth waiting for: its tokens are spent.
    shutdownGraceTime: '20s',
    maxCachedWorkflows: CACHED_WORKFLOWS_MAX,
    maxConcurrentWorkflowTaskExecutions: TURNS_MAX,
    maxConcurrentLocalActivityExecutions: TURNS_MAX,
  });
  const webhooks = await Worker.create({
    ...shared,
    taskQueue: WEBHOOK_TASK_QUEUE,
    // A slice that is told to stop waits for its own requests and gives its leases back.
    shutdownGraceTime: 0,
    maxCachedWorkflows: CACHED_WORKFLOWS_MAX,
    maxConcurrentActivityTaskExecutions: DELIVERIES_MAX,
  });
  const maintenance = await Worker.create({ ...shared, taskQueue: MAINTENANCE_TASK_QUEUE, maxCachedWorkflows: 10 });
  await keepSchedules(client);
  const workers = [chat, webhooks, maintenance];
  const running = workers.map((worker) =>
    worker.run().catch((error: unknown) => logger.error({ error }, 'worker ended')),
  );
  return {
    client,
    async stop() {
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(running);
      await close();
    },
  };
}

/** The SDK's own log goes through ours, and its signal handlers stay off: whoever started us decides about stopping. */
function installRuntime(logger: Logger): void {
  if (Runtime['_instance'] !== undefined) return;
  const say = (level: 'debug' | 'info' | 'warn' | 'error') => (message: string, meta?: object) =>
    logger[level]({ component: 'temporal', ...pick(meta) }, message);
  Runtime.install({
    shutdownSignals: [],
    logger: {
      log: (level, message, meta) => say(level === 'WARN' || level === 'ERROR' ? 'warn' : 'debug')(message, meta),
      trace: say('debug'),
      debug: say('debug'),
      info: say('debug'),
      warn: say('warn'),
      error: say('warn'),
    },
  });
}

/** Ids only: an SDK line may carry an error whose words came from a conversation. */
function pick(meta: object | undefined): object {
  const named = new Map<string, unknown>(Object.entries(meta ?? {}));
  return { workflowId: named.get('workflowId'), taskQueue: named.get('taskQueue'), attempt: named.get('attempt') };
}
