import { LANGUAGES } from '#domain/languages.ts';
import { z } from 'zod';

import { Email, Name, NewPassword } from './auth.ts';
import { LIST_QUERY, listOf, TenantUuid, Timestamp } from './common.ts';

const Status = z.enum(['active', 'suspended']);
const PlanKey = z
  .string()
  .regex(/^[a-z][a-z0-9_-]{0,39}$/)
  .meta({ description: 'Key of a plan in the pricebook', example: 'pro' });
const Reason = z.string().trim().min(1).max(500).meta({ description: 'Kept in the audit log' });

export const TenantListQuery = z.object({
  ...LIST_QUERY,
  q: z
    .string()
    .min(1)
    .max(100)
    .optional()
    .meta({ description: 'Part of the name or business_id, the whole id, or the e-mail address of a user' }),
  status: Status.optional(),
  plan: PlanKey.optional(),
});
export type TenantListQuery = z.infer<typeof TenantListQuery>;

export const TenantParams = z.object({ id: TenantUuid });
export type TenantParams = z.infer<typeof TenantParams>;

export const AddTenant = z
  .strictObject({
    business_name: Name,
    email: Email.meta({ description: 'Of the owner' }),
    password: NewPassword.optional().meta({
      description: 'Of the owner. Without one they set it by POST /api/customers/auth/password/forgot.',
    }),
    language: z.enum(LANGUAGES).default('en'),
    plan: PlanKey.default('starter'),
  })
  .meta({ id: 'AddTenant' });
export type AddTenant = z.infer<typeof AddTenant>;

export const ChangeTenantTerms = z
  .strictObject({
    status: Status.optional(),
    plan: PlanKey.optional().meta({ description: 'From the next period on; the present plan takes a change back' }),
    reason: Reason.optional(),
  })
  .meta({ id: 'ChangeTenantTerms' });
export type ChangeTenantTerms = z.infer<typeof ChangeTenantTerms>;

export const PlatformTenantView = z
  .object({
    id: TenantUuid,
    business_id: z.string(),
    name: z.string(),
    is_operator: z.boolean(),
    status: Status,
    plan: z.string().nullable(),
    next_plan: z.string().nullable().meta({ description: 'The plan of the next period, where it is another one' }),
    counts: z.object({
      users: z.int(),
      api_keys: z.int(),
      sessions: z.int().meta({ description: 'Counted up to 10000' }),
    }),
    created_at: Timestamp,
  })
  .meta({ id: 'PlatformTenant' });
export type PlatformTenantView = z.infer<typeof PlatformTenantView>;

export const PlatformTenantList = listOf(PlatformTenantView).meta({ id: 'PlatformTenantList' });
export type PlatformTenantList = z.infer<typeof PlatformTenantList>;
