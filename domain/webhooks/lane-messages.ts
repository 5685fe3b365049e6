import { toUuid, type EndpointId, type TenantId } from '../ids.ts';

/** One endpoint's stream of deliveries. All that Temporal ever hears of it. */
export interface LaneRef {
  tenantId: TenantId;
  endpointId: EndpointId;
}

/** What is left when a slice ends, by the database's clock. */
export interface SliceRest {
  /** How long until the next delivery may go; 0 = now. */
  dueInMs: number;
  /** Whether anything will become due by itself; held rows of a paused endpoint will not. */
  open: boolean;
}

/** The relay starts the workflow by these names, from a folder that may not import workflows. */
export const WEBHOOK_TASK_QUEUE = 'webhooks';
export const LANE_WORKFLOW_TYPE = 'webhookEndpoint';
export const LANE_WAKE_SIGNAL = 'wake';

/** One workflow per endpoint with work due. */
export function laneWorkflowId(endpointId: EndpointId): string {
  return `webhook-endpoint/${toUuid(endpointId)}`;
}
