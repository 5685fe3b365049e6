import { condition, continueAsNew, proxyActivities, setHandler, workflowInfo } from '@temporalio/workflow';

import type { WebhookActivities } from '#activities/webhook/index.ts';
import type { LaneRef } from '#domain/webhooks/lane-messages.ts';

import { wake } from './messages.ts';

// Tried without end: the truth is in PostgreSQL, so a slice that died is simply begun again.
const { deliverSlice } = proxyActivities<WebhookActivities>({
  startToCloseTimeout: '60s',
  heartbeatTimeout: '10s',
  retry: { initialInterval: '1s', maximumInterval: '30s' },
});

/** One endpoint's deliveries, slice by slice, as long as any is open. Only ids and numbers pass through here. */
export async function webhookEndpoint(lane: LaneRef): Promise<void> {
  let woken = false;
  setHandler(wake, () => {
    woken = true;
  });

  for (;;) {
    woken = false;
    const rest = await deliverSlice(lane);
    // No await between this look and the end: a signal in that gap would be lost.
    if (!rest.open && !woken) return;
    if (workflowInfo().continueAsNewSuggested) await continueAsNew<typeof webhookEndpoint>(lane);
    if (rest.dueInMs > 0) await condition(() => woken, rest.dueInMs);
  }
}
