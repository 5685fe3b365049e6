import { withoutWords } from '../without-words.ts';
import { deliverSliceActivity } from './deliver-slice.ts';
import type { WebhookDeps } from './deps.ts';

/** What the task queue `webhooks` runs. */
export function createWebhookActivities(deps: WebhookDeps) {
  return { deliverSlice: withoutWords(deps.logger, deliverSliceActivity(deps)) };
}

export type WebhookActivities = ReturnType<typeof createWebhookActivities>;
