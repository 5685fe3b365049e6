export { chatSession } from './chat-session/workflow.ts';
export { sweepLeftovers } from './maintenance/sweep-leftovers.ts';
export { webhookEndpoint } from './webhook-endpoint/workflow.ts';
