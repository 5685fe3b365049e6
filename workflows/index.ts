export { chatSession } from './chat-session/workflow.ts';
export { webhookEndpoint } from './webhook-endpoint/workflow.ts';
