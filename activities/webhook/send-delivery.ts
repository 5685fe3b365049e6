import type { EndpointId } from '#domain/ids.ts';
import { judge, type SendResult } from '#domain/webhooks/verdict.ts';
import type { RecordedAttempt } from '#models/commands/record-attempts.ts';
import type { ClaimedDelivery } from '#models/webhook/claim.ts';
import { sha256Hex } from '#platform/digest.ts';
import type { GuardedAnswer } from '#platform/guarded-fetch.ts';
import { signWebhook, type SigningKey } from '#platform/webhook-signature.ts';

import type { WebhookDeps } from './deps.ts';

export interface Sending {
  endpointId: EndpointId;
  delivery: ClaimedDelivery;
  /** Null where a key cannot be opened: then the attempt is ours to answer for, and nothing leaves unsigned. */
  keys: readonly SigningKey[] | null;
}

/** One request, its answer, and what that means. The stored body leaves as it is; time and signature are fresh. */
export async function sendDelivery(deps: WebhookDeps, sending: Sending): Promise<RecordedAttempt> {
  const { delivery, keys } = sending;
  const startedAt = deps.clock.now();
  const shown = shownHeaders(sending, startedAt);
  const answer: GuardedAnswer =
    keys === null
      ? { kind: 'failed', code: 'signing_key_missing', durationMs: 0 }
      : await deps.guardedFetch.post({
          url: delivery.url,
          headers: { ...shown, 'webhook-signature': signatureOf(delivery, keys, startedAt) },
          body: delivery.body,
          timeoutMs: delivery.timeoutMs,
        });
  const verdict = judge(resultOf(answer), {
    schedule: delivery.schedule,
    tries: delivery.tries,
    throttles: delivery.throttles,
    once: delivery.trigger === 'test' || delivery.trigger === 'manual',
    at: deps.clock.now(),
    random: (deps.random ?? Math.random)(),
  });
  return {
    deliveryId: delivery.id,
    n: delivery.n,
    trigger: delivery.trigger,
    verdict,
    startedAt,
    durationMs: answer.durationMs,
    bodySha256: sha256Hex(delivery.body),
    requestHeaders: shown,
    ...answerColumns(answer),
  };
}

function shownHeaders({ endpointId, delivery }: Sending, at: Date): Record<string, string> {
  return {
    'content-type': 'application/json',
    'webhook-id': delivery.eventId,
    'webhook-timestamp': `${unixSeconds(at)}`,
    'user-agent': 'Bob-Webhooks/1',
    'accept-encoding': 'identity',
    'bob-attempt': `${delivery.n}`,
    'bob-delivery-id': delivery.id,
    'bob-endpoint-id': endpointId,
  };
}

function signatureOf(delivery: ClaimedDelivery, keys: readonly SigningKey[], at: Date): string {
  return signWebhook({ id: delivery.eventId, timestamp: unixSeconds(at), body: delivery.body }, keys);
}

function unixSeconds(at: Date): number {
  return Math.floor(at.getTime() / 1000);
}

function resultOf(answer: GuardedAnswer): SendResult {
  if (answer.kind === 'failed') return answer;
  return { kind: 'answered', status: answer.status, retryAfter: answer.headers['retry-after'] ?? null };
}

function answerColumns(answer: GuardedAnswer) {
  if (answer.kind === 'failed') {
    return { httpStatus: null, remoteIp: null, responseHeaders: null, responseBody: null, truncated: false };
  }
  const { status, remoteIp, headers, body, truncated } = answer;
  return { httpStatus: status, remoteIp, responseHeaders: headers, responseBody: body, truncated };
}
