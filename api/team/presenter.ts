import type { InviteView, MemberView, RemovedMember, Team } from '#contract/team.ts';
import type { UserId } from '#domain/ids.ts';
import type { WhatRemains } from '#models/commands/remove-member.ts';
import type { Invite } from '#models/invite.ts';
import type { Member } from '#models/member.ts';
import type { TeamEntry } from '#models/read/team.ts';
import type { Seats } from '#models/seats.ts';

export function presentTeam(entries: readonly TeamEntry[], nextCursor: string | null, seats: Seats): Team {
  return {
    data: entries.map((entry) => (entry.state === 'member' ? presentMember(entry) : presentInvite(entry))),
    next_cursor: nextCursor,
    seats: { used: seats.used, limit: seats.limit },
  };
}

export function presentMember({ id, name, email, role, createdAt }: Omit<Member, 'realm'>): MemberView {
  return { state: 'member', id, name, email, role, created_at: createdAt.toISOString() };
}

export function presentInvite({ id, name, email, role, createdAt, expiresAt }: Invite): InviteView {
  return {
    state: 'invited',
    id,
    name,
    email,
    role,
    created_at: createdAt.toISOString(),
    expires_at: expiresAt.toISOString(),
  };
}

export function presentRemoved(id: UserId, { revokedKeys, revokedInvites, ownedSessions }: WhatRemains): RemovedMember {
  return { id, revoked_keys: revokedKeys, revoked_invites: revokedInvites, owned_sessions: ownedSessions };
}
