import { LANGUAGES } from '#domain/languages.ts';
import { PERMISSIONS } from '#domain/permissions.ts';
import { z } from 'zod';

import { prefixedId, TenantUuid, Timestamp } from './common.ts';

const PASSWORD_MIN = 8;

/** RFC 5321: 64 characters before the @; RFC 1035: labels of at most 63, without a hyphen at their ends. */
const MAILBOX = /^[^@]{1,64}@(?:[a-z0-9](?:[a-z0-9-]{0,61}[a-z0-9])?\.)+[a-z]{2,63}$/i;

export const Email = z
  .email({ abort: true })
  .max(254)
  .refine((address) => MAILBOX.test(address), 'Not an address that mail can reach')
  .toLowerCase()
  .meta({ example: 'customer@business.com' });
export const NewPassword = z.string().min(PASSWORD_MIN).max(200).meta({ format: 'password' });
/** Names go into mails and lists: whatever breaks a line becomes a space. */
export const Name = z
  .string()
  .max(100)
  .overwrite((name) => name.replaceAll(/[\p{Cc}\p{Zl}\p{Zp}]+/gu, ' ').trim())
  .min(1)
  .meta({ example: 'Ada Lovelace' });
const MailToken = z.string().min(1).max(200).meta({ description: 'From the mail; works once' });

export const LogIn = z
  .strictObject({
    email: Email,
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
    actor: z.discriminatedUnion('type', [
      z.object({ type: z.literal('user'), ...UserView.shape }),
      z.object({
        type: z.literal('api_key'),
        id: prefixedId('key'),
        name: z.string(),
        created_by: UserView.meta({ description: 'In whose name it acts' }),
      }),
    ]),
    permissions: z.array(z.enum(PERMISSIONS)),
    tenant: TenantView,
    csrf_token: z.string().optional().meta({ description: 'Only where the cookie signed you in' }),
  })
  .meta({ id: 'Me' });
export type Me = z.infer<typeof Me>;

export const SignUp = z
  .strictObject({
    email: Email,
    password: NewPassword,
    business_name: Name.meta({ example: 'Acme Dental' }),
    language: z.enum(LANGUAGES).default('en').meta({ description: 'Of the default persona and of our mails' }),
  })
  .meta({ id: 'SignUp' });
export type SignUp = z.infer<typeof SignUp>;

export const SignedUp = LoggedIn.extend({
  widget_key: z.string().meta({ description: 'Public; stands in the pages that hold the widget' }),
  persona: z
    .object({ id: prefixedId('per'), name: z.string(), version: z.int() })
    .meta({ description: 'The published default persona' }),
}).meta({ id: 'SignedUp' });
export type SignedUp = z.infer<typeof SignedUp>;

export const ForgotPassword = z.strictObject({ email: Email }).meta({ id: 'ForgotPassword' });
export type ForgotPassword = z.infer<typeof ForgotPassword>;

export const PasswordMailAsked = z.object({ detail: z.string() }).meta({ id: 'PasswordMailAsked' });
export type PasswordMailAsked = z.infer<typeof PasswordMailAsked>;

export const ResetPassword = z.strictObject({ token: MailToken, password: NewPassword }).meta({ id: 'ResetPassword' });
export type ResetPassword = z.infer<typeof ResetPassword>;

export const ChangePassword = z
  .strictObject({
    current_password: z.string().min(1).max(200).meta({ format: 'password' }),
    new_password: NewPassword,
  })
  .meta({ id: 'ChangePassword' });
export type ChangePassword = z.infer<typeof ChangePassword>;

export const AcceptInvite = z
  .strictObject({ token: MailToken, name: Name, password: NewPassword })
  .meta({ id: 'AcceptInvite' });
export type AcceptInvite = z.infer<typeof AcceptInvite>;
