import { AddedEndpoint } from '#contract/webhooks.ts';
import type { Env } from '#platform/env.ts';

import type { DemoClient } from './demo-client.ts';
import type { DemoScreen } from './demo-screen.ts';
import { playConversation } from './play-conversation.ts';
import { showBill } from './show-bill.ts';
import { showReceipt } from './show-receipt.ts';
import { showWebhooks } from './show-webhooks.ts';
import { signIn } from './sign-in.ts';
import { startWebhookInbox } from './webhook-inbox.ts';

/** The whole machine once, from the outside: everything here any customer's program could do as well. */
export async function runDemo(client: DemoClient, screen: DemoScreen, env: Env): Promise<void> {
  await client.call('/api/health/ready');
  await signIn(client, screen, env);
  const inbox = await startWebhookInbox();
  try {
    screen.heading('Subscribe to webhooks', 'POST /api/webhooks/endpoints');
    const body = { url: inbox.url, description: 'npm run demo' };
    const endpoint = await client.read(AddedEndpoint, '/api/webhooks/endpoints', { method: 'POST', body });
    inbox.open(endpoint.secret);
    screen.fact('receiver', `${endpoint.url} is endpoint ${endpoint.id}`);
    try {
      const turns = await playConversation(client, screen);
      const [first] = turns;
      if (first !== undefined) await showReceipt(client, screen, first.turnId);
      await showBill(client, screen, turns);
      await showWebhooks(inbox, screen, turns);
    } finally {
      await client.call(`/api/webhooks/endpoints/${endpoint.id}`, { method: 'DELETE' });
      screen.line(`endpoint ${endpoint.id} removed`);
    }
  } finally {
    await inbox.close();
  }
}
