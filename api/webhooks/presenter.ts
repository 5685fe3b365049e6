import type { AttemptView, DeliveryView, EndpointView } from '#contract/webhooks.ts';
import type { AttemptRow, DeliveryRow } from '#models/read/webhook-deliveries.ts';
import type { Endpoint } from '#models/webhook/endpoint.ts';

export function presentEndpoint(endpoint: Endpoint): EndpointView {
  return {
    id: endpoint.id,
    url: endpoint.url,
    description: endpoint.description,
    status: endpoint.status,
    status_reason: endpoint.statusReason,
    event_types: endpoint.eventTypes,
    created_at: endpoint.createdAt.toISOString(),
  };
}

export function presentDelivery(delivery: DeliveryRow): DeliveryView {
  return {
    id: delivery.id,
    endpoint_id: delivery.endpointId,
    event_id: delivery.eventId,
    event_type: delivery.eventType,
    session_id: delivery.sessionId,
    seq: delivery.seq,
    state: delivery.state,
    reason: delivery.reason,
    attempts: delivery.attempts,
    last_status: delivery.lastStatus,
    last_error: delivery.lastError,
    next_at: delivery.nextAt?.toISOString() ?? null,
    created_at: delivery.createdAt.toISOString(),
    finished_at: delivery.finishedAt?.toISOString() ?? null,
  };
}

/** Where the request went stays inside, and so does how long a refused one took: both would map our network. */
export function presentAttempt(attempt: AttemptRow): AttemptView {
  return {
    n: attempt.n,
    counted: attempt.counted,
    started_at: attempt.startedAt.toISOString(),
    duration_ms: attempt.errorCode === 'blocked_address' ? null : attempt.durationMs,
    http_status: attempt.httpStatus,
    error_code: attempt.errorCode,
    body_sha256: attempt.bodySha256,
    request_headers: attempt.requestHeaders,
    response_headers: attempt.responseHeaders,
    response_body: attempt.responseBody,
    truncated: attempt.truncated,
    trigger: attempt.trigger,
  };
}
