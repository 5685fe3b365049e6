import { once } from 'node:events';
import { createServer, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';

import { Webhook } from 'standardwebhooks';

import { EventEnvelope } from '#contract/events.ts';

export interface WebhookInbox {
  url: string;
  /** Every event whose signature held, in order of arrival. */
  verified: EventEnvelope[];
  /** Requests that were not what they claimed to be. */
  refused: number;
  /** The secret of the endpoint, once it is known: what came before is asked to come again. */
  open(secret: string): void;
  close(): Promise<void>;
}

/** The program of a webhook consumer, on loopback: it believes nothing that npm's standardwebhooks does not verify. */
export async function startWebhookInbox(): Promise<WebhookInbox> {
  let webhook: Webhook | null = null;
  const server = createServer((request, response) => {
    void receive(request).then((event) => {
      if (event === null) inbox.refused += 1;
      else inbox.verified.push(event);
      response.writeHead(event === null ? 401 : 204).end();
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  if (address === null || typeof address === 'string') throw new Error('the receiver listens on no port');

  async function receive(request: IncomingMessage): Promise<EventEnvelope | null> {
    const body = await text(request);
    try {
      // Over the bytes as they came; it also refuses a time stamp more than five minutes away.
      return EventEnvelope.parse(webhook?.verify(body, headersOf(request)));
    } catch {
      return null;
    }
  }

  const inbox: WebhookInbox = {
    url: `http://127.0.0.1:${address.port}/webhooks`,
    verified: [],
    refused: 0,
    open(secret) {
      webhook = new Webhook(secret);
    },
    async close() {
      const closed = once(server, 'close');
      server.close();
      server.closeAllConnections();
      await closed;
    },
  };
  return inbox;
}

function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const names = ['webhook-id', 'webhook-timestamp', 'webhook-signature'];
  return Object.fromEntries(names.map((name) => [name, String(headers[name] ?? '')]));
}
