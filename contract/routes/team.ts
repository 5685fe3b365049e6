import {
  ChangeMember,
  InviteMember,
  InviteParams,
  InviteView,
  MemberParams,
  MemberView,
  RemovedMember,
  Team,
  TeamQuery,
} from '../team.ts';
import type { RouteDocument } from './route-document.ts';

const TAG = 'team';
const INVITED = { description: 'The invite; its token goes by mail alone', schema: InviteView };
const INVITE_DESCRIPTION =
  'A second invite for an address replaces the first, whose mail then opens nothing. Open for seven days.';

/** At both addresses. */
const INVITING = {
  method: 'post',
  tag: TAG,
  description: INVITE_DESCRIPTION,
  access: 'team.manage',
  body: InviteMember,
  idempotent: true,
  responses: { 201: INVITED },
  problems: ['seat-limit-reached', 'email-taken', 'rate-limited'],
} as const satisfies Partial<RouteDocument>;

export const TEAM_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/team',
    operationId: 'listTeam',
    tag: TAG,
    summary: 'Members and open invites, oldest first, and the seats of the plan',
    access: 'team.manage',
    query: TeamQuery,
    responses: { 200: { description: 'A page of the team', schema: Team } },
  },
  {
    ...INVITING,
    path: '/api/team',
    operationId: 'addToTeam',
    summary: 'Invite somebody; the same as POST /api/team/invites',
  },
  {
    ...INVITING,
    path: '/api/team/invites',
    operationId: 'inviteMember',
    summary: 'Keep a seat for somebody and send them a mail',
  },
  {
    method: 'delete',
    path: '/api/team/invites/:id',
    operationId: 'revokeInvite',
    tag: TAG,
    summary: 'Take an open invite back',
    access: 'team.manage',
    params: InviteParams,
    responses: { 204: { description: 'The link in the mail opens nothing any more' } },
  },
  {
    method: 'patch',
    path: '/api/team/:id',
    operationId: 'changeMember',
    tag: TAG,
    summary: 'Change role or name of a member',
    description: 'Nobody acts on, or gives, a role that may do more than they.',
    access: 'team.manage',
    params: MemberParams,
    body: ChangeMember,
    responses: { 200: { description: 'The member', schema: MemberView } },
    problems: ['last-owner'],
  },
  {
    method: 'delete',
    path: '/api/team/:id',
    operationId: 'removeMember',
    tag: TAG,
    summary: 'End somebody’s access: their sessions and API keys end at once',
    description: 'Conversations they own stay theirs until a colleague takes over, assigns or hands back.',
    access: 'team.manage',
    params: MemberParams,
    responses: { 200: { description: 'What ended with them, and what is still theirs', schema: RemovedMember } },
    problems: ['last-owner'],
  },
];
