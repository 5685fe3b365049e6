import { fileURLToPath } from 'node:url';
import { Client } from '@temporalio/client';
import { NativeConnection, Worker } from '@temporalio/worker';
import { FLOOR_TASK_QUEUE } from './messages.ts';

const TURN_SLOTS = 300;

/** With the settings of the product's own chat worker: what differs must be the product, not its tuning. */
export async function startWorker(server: { address: string; namespace: string }, activities: object) {
  const { address, namespace } = server;
  const connection = await NativeConnection.connect({ address, grpcCompression: { codec: 'none' } });
  const slots = { type: 'fixed-size', numSlots: TURN_SLOTS } as const;
  const worker = await Worker.create({
    connection,
    namespace,
    activities,
    taskQueue: FLOOR_TASK_QUEUE,
    workflowsPath: fileURLToPath(new URL('workflow.ts', import.meta.url)),
    reuseV8Context: true,
    stickyQueueScheduleToStartTimeout: 2000,
    workflowTaskPollerBehavior: { type: 'autoscaling', minimum: 2, initial: 5, maximum: 40 },
    maxCachedWorkflows: 300,
    activityTaskPollerBehavior: { type: 'autoscaling', minimum: 1, initial: 2, maximum: 10 },
    tuner: {
      workflowTaskSlotSupplier: slots,
      localActivityTaskSlotSupplier: slots,
      activityTaskSlotSupplier: slots,
      nexusTaskSlotSupplier: slots,
    },
  });
  return { worker, client: new Client({ connection, namespace }), close: () => connection.close() };
}
