import { z } from 'zod';

import { Email, Name } from './auth.ts';
import { LIST_QUERY, listOf, prefixedId, Timestamp } from './common.ts';

const TeamRole = z
  .enum(['owner', 'admin', 'agent', 'viewer', 'support'])
  .meta({ description: 'A tenant has owner, admin, agent, viewer; the operator admin, support' });

export const InviteMember = z
  .strictObject({ email: Email, role: TeamRole, name: Name.optional() })
  .meta({ id: 'InviteMember' });
export type InviteMember = z.infer<typeof InviteMember>;

/** Absent leaves as it is. */
export const ChangeMember = z
  .strictObject({ role: TeamRole.optional(), name: Name.optional() })
  .meta({ id: 'ChangeMember' });
export type ChangeMember = z.infer<typeof ChangeMember>;

export const MemberParams = z.object({ id: prefixedId('usr') });
export type MemberParams = z.infer<typeof MemberParams>;

export const InviteParams = z.object({ id: prefixedId('inv') });
export type InviteParams = z.infer<typeof InviteParams>;

const PERSON = { email: z.string(), role: TeamRole, created_at: Timestamp };

export const MemberView = z
  .object({ state: z.literal('member'), id: prefixedId('usr'), name: z.string(), ...PERSON })
  .meta({ id: 'Member' });
export type MemberView = z.infer<typeof MemberView>;

export const InviteView = z
  .object({
    state: z.literal('invited'),
    id: prefixedId('inv'),
    name: z.string().nullable(),
    ...PERSON,
    expires_at: Timestamp,
  })
  .meta({ id: 'Invite' });
export type InviteView = z.infer<typeof InviteView>;

export const TeamQuery = z.object(LIST_QUERY);
export type TeamQuery = z.infer<typeof TeamQuery>;

export const Team = listOf(z.discriminatedUnion('state', [MemberView, InviteView]))
  .extend({
    seats: z.object({
      used: z.int().meta({ description: 'Members and open invites' }),
      limit: z.int().nullable().meta({ description: 'Of the plan; null = no limit' }),
    }),
  })
  .meta({ id: 'Team' });
export type Team = z.infer<typeof Team>;

export const RemovedMember = z
  .object({
    id: prefixedId('usr'),
    revoked_keys: z.array(prefixedId('key')).meta({ description: 'API keys that ended with their maker' }),
    revoked_invites: z.array(prefixedId('inv')).meta({ description: 'Open invites that they had sent' }),
    owned_sessions: z.int().meta({ description: 'Open conversations still theirs: take them over or hand them back' }),
  })
  .meta({ id: 'RemovedMember' });
export type RemovedMember = z.infer<typeof RemovedMember>;
