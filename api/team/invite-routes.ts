import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { InviteMember, InviteParams, type InviteView } from '#contract/team.ts';
import { Problem } from '#contract/problems.ts';
import { inviteMail } from '#domain/mail-texts.ts';
import { coversRole, isRoleOf } from '#domain/team-role.ts';
import { inviteMember, type Invited } from '#models/commands/invite-member.ts';
import { revokeInvite } from '#models/commands/revoke-invite.ts';
import type { Invite } from '#models/invite.ts';
import { requireLanguage, requireTenant } from '#models/tenant.ts';

import { emailTaken } from '../auth/email-taken.ts';
import { createMailLinks } from '../auth/mail-links.ts';
import { newMailToken, tokenHashOf } from '../auth/tokens.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import type { Actor, BodyState, ParamsState, RequestState, SignedInState } from '../state.ts';
import { presentInvite } from './presenter.ts';
import { aboveYou, foreignRole } from './refusal.ts';
import { seatLimitReached } from './seat-limit-reached.ts';

type InviteDeps = Pick<ApiDeps, 'knex' | 'clock' | 'env' | 'mailer'>;

const INVITE_DAYS = 7;
const DAY_MS = 86_400_000;

/** Who shall come in. The token goes by mail alone: whoever accepts has proved the address. */
export function inviteRoutes(deps: InviteDeps): Router<RequestState> {
  const { knex, clock } = deps;
  const router = new Router<RequestState>();
  const invite = createInvite(deps);
  // Adding somebody to the team is inviting them, by either name.
  for (const path of ['/api/team', '/api/team/invites']) {
    router.post<SignedInState & BodyState<InviteMember>>(
      path,
      authenticate(),
      requirePermission('team.manage'),
      validateBody(InviteMember),
      idempotent(),
      invite,
    );
  }
  router.delete<SignedInState & ParamsState<InviteParams>>(
    '/api/team/invites/:id',
    authenticate(),
    requirePermission('team.manage'),
    validateParams(InviteParams),
    async (ctx) => {
      const { actor, params } = ctx.state;
      const outcome = await revokeInvite(knex, actor.tenantId, { id: params.id, actor, at: clock.now() });
      if (outcome === 'above-you') throw aboveYou();
      if (outcome === 'not-found') {
        throw new Problem('not-found', { detail: 'No open invite of your team has this id.' });
      }
      ctx.status = 204;
    },
  );
  return router;
}

function createInvite({ knex, clock, env, mailer }: InviteDeps) {
  const links = createMailLinks(env);

  function post(actor: Actor, invite: Invite, token: string): void {
    mailer.post({
      kind: 'invite',
      async write() {
        const { name: businessName } = await requireTenant(knex, actor.tenantId);
        const language = await requireLanguage(knex, actor.tenantId);
        const facts = { language, businessName, name: invite.name, link: links.invite(token), days: INVITE_DAYS };
        return { to: invite.email, ...inviteMail(facts) };
      },
    });
  }

  return async (ctx: ParameterizedContext<SignedInState & BodyState<InviteMember>>): Promise<void> => {
    const { actor, body } = ctx.state;
    const { email, role, name = null } = body;
    requireGrantable(actor, role);
    const token = newMailToken('in');
    const at = clock.now();
    const expiresAt = new Date(at.getTime() + INVITE_DAYS * DAY_MS);
    const by = { actor, invitedBy: actor.userId };
    const wanted = { ...by, email, role, name, tokenHash: tokenHashOf(token), at, expiresAt };
    const invite = invited(await inviteMember(knex, actor.tenantId, wanted));
    post(actor, invite, token);
    ctx.status = 201;
    ctx.body = presentInvite(invite) satisfies InviteView;
  };
}

function requireGrantable({ realm, permissions }: Actor, role: InviteMember['role']): void {
  if (!isRoleOf(realm, role)) throw foreignRole();
  if (!coversRole(permissions, { realm, role })) throw aboveYou();
}

function invited(result: Invited): Invite {
  switch (result.state) {
    case 'invited':
      return result.invite;
    case 'already-member':
      throw emailTaken('Its owner is in your team.');
    case 'above-you':
      throw aboveYou();
    case 'no-seat':
      throw seatLimitReached(result.limit);
    case 'too-many-mails':
      throw new Problem('rate-limited', {
        detail: `A team sends at most ${result.max} invites a day.`,
        headers: { 'Retry-After': '3600' },
      });
    default:
      return result satisfies never;
  }
}
