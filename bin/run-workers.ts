import type { Client } from '@temporalio/client';
import { type FixedSizeSlotSupplier, Runtime, type TunerHolder, Worker, type WorkerOptions } from '@temporalio/worker';

import { MAINTENANCE_TASK_QUEUE } from '#domain/maintenance.ts';
import { CHAT_TASK_QUEUE } from '#domain/session-handover.ts';
import { WEBHOOK_TASK_QUEUE } from '#domain/webhooks/lane-messages.ts';
import type { Env } from '#platform/env.ts';
import { chooseSandbox } from '#platform/fast-sandbox.ts';
import { createLogger, type Logger } from '#platform/logger.ts';
import { connectWorker } from '#platform/temporal-worker.ts';
import { workflowBundle } from '#platform/workflow-bundle.ts';

import { keepSchedules } from './keep-schedules.ts';
import type { TurnSlots } from './turn-slots.ts';

/** One Temporal worker per task queue, so that webhooks never take a slot from a conversation. */
export async function runWorkers(
  env: Env,
  slots: Pick<TurnSlots, 'supplier'>,
  activitiesWith: (client: Client) => object,
): Promise<{ client: Client; isPolling(): boolean; stop(): Promise<void> }> {
  const logger = createLogger({ level: env.LOG_LEVEL });
  installRuntime(logger);
  chooseSandbox({ isFast: env.BOB_FAST_SANDBOX });
  const { connection, client, close } = await connectWorker(env);
  const shared: Partial<WorkerOptions> = {
    connection,
    namespace: env.TEMPORAL_NAMESPACE,
    activities: activitiesWith(client),
    workflowBundle: await workflowBundle(),
    reuseV8Context: true,
    stickyQueueScheduleToStartTimeout: env.BOB_STICKY_TIMEOUT_MS,
    workflowTaskPollerBehavior: {
      type: 'autoscaling',
      minimum: 2,
      initial: 5,
      maximum: env.BOB_WORKFLOW_POLLERS_MAX,
    },
    // A third of a megabyte each; a conversation that falls out is replayed with its next message.
    maxCachedWorkflows: env.BOB_CACHED_WORKFLOWS,
    activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 2, maximum: 10 },
  };
  const chat = await Worker.create({
    ...shared,
    taskQueue: CHAT_TASK_QUEUE,
    // A turn that runs is worth waiting for: its tokens are spent. A grace time would not bound that wait: it holds for
    // regular activities only, and local ones are even tried again in a worker that is told to stop. Whatever is not
    // done by then loses its lease with this process, and another worker does it.
    shutdownForceTime: env.BOB_TURN_GRACE_MS,
    tuner: tunerOf(env, slots),
  });
  const webhooks = await Worker.create({
    ...shared,
    taskQueue: WEBHOOK_TASK_QUEUE,
    // A slice that is told to stop waits for its own requests and gives its leases back.
    shutdownGraceTime: 0,
    maxConcurrentActivityTaskExecutions: env.BOB_DELIVERY_SLOTS,
  });
  const maintenance = await Worker.create({ ...shared, taskQueue: MAINTENANCE_TASK_QUEUE, maxCachedWorkflows: 10 });
  await keepSchedules(client);
  const { isPolling, stop } = runTogether([chat, webhooks, maintenance], logger);
  return {
    client,
    isPolling,
    async stop() {
      await stop();
      await close();
    },
  };
}

function runTogether(workers: readonly Worker[], logger: Logger) {
  let isStopping = false;

  async function runToEnd(worker: Worker): Promise<void> {
    try {
      await worker.run();
    } catch (error) {
      // Cut short by its grace, a worker ends with whatever error its parts meet then; none of them is a fault.
      if (isStopping) logger.warn({ error }, 'turns are left to other workers');
      else logger.error({ error }, 'worker ended');
    }
  }
  const running = workers.map((worker) => runToEnd(worker));

  return {
    isPolling: () => workers.every((worker) => worker.getState() === 'RUNNING'),
    async stop(): Promise<void> {
      isStopping = true;
      for (const worker of workers) if (worker.getState() === 'RUNNING') worker.shutdown();
      await Promise.all(running);
    },
  };
}

/** A turn holds a workflow task and a local activity slot while the model speaks. */
function tunerOf(env: Env, { supplier }: Pick<TurnSlots, 'supplier'>): TunerHolder {
  return {
    workflowTaskSlotSupplier: supplier,
    localActivityTaskSlotSupplier: fixed(env.BOB_TURN_SLOTS),
    // As many as without a tuner; a conversation has none of these.
    activityTaskSlotSupplier: fixed(100),
    nexusTaskSlotSupplier: fixed(100),
  };
}

function fixed(numSlots: number): FixedSizeSlotSupplier {
  return { type: 'fixed-size', numSlots };
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
