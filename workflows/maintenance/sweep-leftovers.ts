import { proxyActivities } from '@temporalio/workflow';

import type { MaintenanceActivities } from '#activities/maintenance/index.ts';

// One try: the next round comes in a minute, and looks at the same rows.
const { sweep } = proxyActivities<MaintenanceActivities>({
  startToCloseTimeout: '45s',
  retry: { maximumAttempts: 1 },
});

/** What a Schedule starts each minute, so that nothing depends on any worker's own loop. */
export async function sweepLeftovers(): Promise<void> {
  await sweep();
}
