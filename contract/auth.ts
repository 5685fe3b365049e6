import { PERMISSIONS } from '#domain/permissions.ts';
import { z } from 'zod';

import { prefixedId, TenantUuid, Timestamp } from './common.ts';

export const LogIn = z
  .strictObject({
    email: z.email().max(254).meta({ example: 'customer@business.com' }),
    password: z.string().min(1).max(200).meta({ format: 'password' }),
  })
  .meta({ id: 'LogIn' });
export type LogIn = z.infer<typeof LogIn>;

export const LogOut = z
  .strictObject({
    everywhere: z.boolean().optional().meta({ description: 'End every session of this user, not just this one' }),
  })
  .meta({ id: 'LogOut' });
export type LogOut = z.infer<typeof LogOut>;

export const UserView = z
  .object({
    id: prefixedId('usr'),
    realm: z.enum(['operator', 'tenant']),
    role: z.enum(['owner', 'admin', 'agent', 'viewer', 'support']),
    email: z.string(),
    name: z.string(),
  })
  .meta({ id: 'User' });
export type UserView = z.infer<typeof UserView>;

export const TenantView = z
  .object({
    id: TenantUuid,
    business_id: z.string(),
    name: z.string(),
    status: z.enum(['active', 'suspended']),
    plan: z.string().nullable().meta({ description: 'Key of the plan; null without a subscription' }),
  })
  .meta({ id: 'Tenant' });
export type TenantView = z.infer<typeof TenantView>;

export const LoggedIn = z
  .object({
    token: z.string().meta({ description: 'Send as Authorization: Bearer; shown once' }),
    csrf_token: z.string().meta({ description: 'Send as X-CSRF-Token where the cookie signs you in' }),
    expires_at: Timestamp,
    user: UserView,
    tenant: TenantView,
  })
  .meta({ id: 'LoggedIn' });
export type LoggedIn = z.infer<typeof LoggedIn>;

export const Me = z
  .object({
    actor: z.object({ type: z.literal('user'), ...UserView.shape }),
    permissions: z.array(z.enum(PERMISSIONS)),
    tenant: TenantView,
    csrf_token: z.string().optional().meta({ description: 'Only where the cookie signed you in' }),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;
