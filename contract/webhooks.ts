import { z } from 'zod';

import { LIST_QUERY, listOf, prefixedId, Timestamp } from './common.ts';
import { EVENT_TYPES, EventEnvelope } from './events.ts';

const WEBHOOK_URL_MAX = 2048;

const EndpointUrl = z.string().min(1).max(WEBHOOK_URL_MAX).meta({ description: 'Where requests go' });
const Description = z.string().max(200);
const WantedTypes = z
  .array(z.enum(EVENT_TYPES))
  .min(1)
  .max(EVENT_TYPES.length)
  .nullable()
  .meta({ description: 'Null = every type, those of later releases included' });

export const AddEndpoint = z
  .strictObject({ url: EndpointUrl, description: Description.default(''), event_types: WantedTypes.default(null) })
  .meta({ id: 'AddEndpoint' });
export type AddEndpoint = z.infer<typeof AddEndpoint>;

/** Absent leaves as it is; `event_types: null` means every type. */
export const ChangeEndpoint = z
  .strictObject({
    url: EndpointUrl.optional(),
    description: Description.optional(),
    event_types: WantedTypes.optional(),
  })
  .meta({ id: 'ChangeEndpoint' });
export type ChangeEndpoint = z.infer<typeof ChangeEndpoint>;

export const EndpointParams = z.object({ id: prefixedId('whk') });
export type EndpointParams = z.infer<typeof EndpointParams>;

export const EndpointView = z
  .object({
    id: prefixedId('whk'),
    url: z.string(),
    description: z.string(),
    status: z.enum(['enabled', 'paused', 'disabled']),
    status_reason: z.string().nullable(),
    event_types: z.array(z.enum(EVENT_TYPES)).nullable(),
    created_at: Timestamp,
  })
  .meta({ id: 'Endpoint' });
export type EndpointView = z.infer<typeof EndpointView>;

export const AddedEndpoint = EndpointView.extend({
  secret: z.string().meta({ description: 'Signs every request to this endpoint. Shown this once.' }),
}).meta({ id: 'AddedEndpoint' });
export type AddedEndpoint = z.infer<typeof AddedEndpoint>;

export const EndpointList = listOf(EndpointView).meta({ id: 'EndpointList' });
export type EndpointList = z.infer<typeof EndpointList>;

const DeliveryState = z.enum(['pending', 'leased', 'delivered', 'exhausted', 'cancelled']);

export const DeliveryQuery = z.object({
  ...LIST_QUERY,
  endpoint: prefixedId('whk').optional(),
  state: DeliveryState.optional(),
});
export type DeliveryQuery = z.infer<typeof DeliveryQuery>;

export const DeliveryParams = z.object({ id: z.string().regex(/^[1-9]\d{0,17}$/) });
export type DeliveryParams = z.infer<typeof DeliveryParams>;

export const DeliveryView = z
  .object({
    id: z.string(),
    endpoint_id: prefixedId('whk'),
    event_id: prefixedId('evt'),
    event_type: z.string(),
    session_id: prefixedId('ses').nullable(),
    seq: z.int().nullable(),
    state: DeliveryState,
    reason: z.string().nullable(),
    attempts: z.int(),
    last_status: z.int().nullable(),
    last_error: z.string().nullable(),
    next_at: Timestamp.nullable(),
    created_at: Timestamp,
    finished_at: Timestamp.nullable(),
  })
  .meta({ id: 'Delivery' });
export type DeliveryView = z.infer<typeof DeliveryView>;

export const DeliveryList = listOf(DeliveryView).meta({ id: 'DeliveryList' });
export type DeliveryList = z.infer<typeof DeliveryList>;

export const AttemptView = z
  .object({
    n: z.int(),
    counted: z.boolean(),
    started_at: Timestamp,
    duration_ms: z.int().nullable(),
    http_status: z.int().nullable(),
    error_code: z.string().nullable(),
    body_sha256: z.string(),
    request_headers: z.record(z.string(), z.string()),
    response_headers: z.record(z.string(), z.string()).nullable(),
    response_body: z.string().nullable(),
    truncated: z.boolean(),
    trigger: z.string(),
  })
  .meta({ id: 'DeliveryAttempt' });
export type AttemptView = z.infer<typeof AttemptView>;

export const AttemptList = listOf(AttemptView).meta({ id: 'DeliveryAttemptList' });
export type AttemptList = z.infer<typeof AttemptList>;

const EventTypeView = z
  .object({ name: z.enum(EVENT_TYPES), description: z.string(), schema: z.record(z.string(), z.unknown()) })
  .meta({ id: 'EventType' });
export const EventTypeList = listOf(EventTypeView).meta({ id: 'EventTypeList' });
export type EventTypeList = z.infer<typeof EventTypeList>;

const FEED_LIMIT_MAX = 100;

export const FeedQuery = z.object({
  after: z.coerce.number().int().min(0).max(Number.MAX_SAFE_INTEGER).default(0),
  session_id: prefixedId('ses').optional().meta({ description: 'One session, then `after` is a `seq`' }),
  type: z.enum(EVENT_TYPES).optional(),
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .default(FEED_LIMIT_MAX)
    .transform((limit) => Math.min(limit, FEED_LIMIT_MAX)),
});
export type FeedQuery = z.infer<typeof FeedQuery>;

export const EventFeed = z
  .object({ data: z.array(EventEnvelope), next_after: z.int(), has_more: z.boolean() })
  .meta({ id: 'EventFeed' });
export type EventFeed = z.infer<typeof EventFeed>;
