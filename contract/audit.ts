import { AUDIT_ACTIONS, AUDIT_OBJECTS } from '#domain/audit.ts';
import { z } from 'zod';

import { LIST_QUERY, listOf, prefixedId, TenantUuid, Timestamp } from './common.ts';

const Moment = z.iso.datetime({ offset: true });

const FILTER = {
  ...LIST_QUERY,
  actor: z
    .union([prefixedId('usr'), prefixedId('key'), z.literal('system')])
    .optional()
    .meta({ description: 'A person, an API key, or `system`' }),
  action: z.enum(AUDIT_ACTIONS).optional(),
  object_type: z.enum(AUDIT_OBJECTS).optional(),
  object: z
    .string()
    .regex(/^[\w-]{1,64}$/)
    .optional()
    .meta({ description: 'The id of what was changed' }),
  from: Moment.optional().meta({ description: 'This moment and later' }),
  to: Moment.optional().meta({ description: 'Before this moment' }),
};

export const AuditQuery = z.object(FILTER);
export type AuditQuery = z.infer<typeof AuditQuery>;

export const PlatformAuditQuery = z.object({ ...FILTER, tenant: TenantUuid.optional() });
export type PlatformAuditQuery = z.infer<typeof PlatformAuditQuery>;

export const AuditEventView = z
  .object({
    id: prefixedId('adt'),
    at: Timestamp,
    actor: z.object({
      type: z.enum(['user', 'api_key', 'system']),
      id: z.string().nullable(),
      name: z.string().nullable().meta({ description: 'Null for the product itself and for staff of the operator' }),
    }),
    action: z.string(),
    object: z.object({ type: z.string(), id: z.string() }),
    before: z.record(z.string(), z.unknown()).nullable(),
    after: z.record(z.string(), z.unknown()).nullable(),
    reason: z.string().nullable(),
  })
  .meta({ id: 'AuditEvent' });
export type AuditEventView = z.infer<typeof AuditEventView>;

export const AuditEventList = listOf(AuditEventView).meta({ id: 'AuditEventList' });
export type AuditEventList = z.infer<typeof AuditEventList>;

export const PlatformAuditEventView = AuditEventView.extend({
  tenant: z.object({ id: TenantUuid, business_id: z.string(), name: z.string() }),
}).meta({ id: 'PlatformAuditEvent' });
export type PlatformAuditEventView = z.infer<typeof PlatformAuditEventView>;

export const PlatformAuditEventList = listOf(PlatformAuditEventView).meta({ id: 'PlatformAuditEventList' });
export type PlatformAuditEventList = z.infer<typeof PlatformAuditEventList>;
