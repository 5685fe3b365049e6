import { ScheduleAlreadyRunning, ScheduleOverlapPolicy, type Client } from '@temporalio/client';

import { MAINTENANCE_TASK_QUEUE, SWEEP_EVERY_MS, SWEEP_SCHEDULE_ID, SWEEP_WORKFLOW } from '#domain/maintenance.ts';

/** Makes the schedules once per namespace; every worker asks, the first one finds none. */
export async function keepSchedules(temporal: Client): Promise<void> {
  try {
    await temporal.schedule.create({
      scheduleId: SWEEP_SCHEDULE_ID,
      spec: { intervals: [{ every: SWEEP_EVERY_MS }] },
      policies: { overlap: ScheduleOverlapPolicy.SKIP },
      action: { type: 'startWorkflow', workflowType: SWEEP_WORKFLOW, taskQueue: MAINTENANCE_TASK_QUEUE, args: [] },
    });
  } catch (error) {
    if (!(error instanceof ScheduleAlreadyRunning)) throw error;
  }
}
