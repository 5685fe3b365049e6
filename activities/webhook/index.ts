import { deliverSliceActivity } from './deliver-slice.ts';
import type { WebhookDeps } from './deps.ts';

/** What the task queue `webhooks` runs. */
export function createWebhookActivities(deps: WebhookDeps) {
  return { deliverSlice: deliverSliceActivity(deps) };
}

export type WebhookActivities = ReturnType<typeof createWebhookActivities>;
