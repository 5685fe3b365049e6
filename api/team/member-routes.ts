import { Router } from '@koa/router';

import {
  ChangeMember,
  MemberParams,
  TeamQuery,
  type MemberView,
  type RemovedMember,
  type Team,
} from '#contract/team.ts';
import { isId, toUuid } from '#domain/ids.ts';
import { changeMember } from '#models/commands/change-member.ts';
import { removeMember } from '#models/commands/remove-member.ts';
import { listTeam } from '#models/read/team.ts';
import { countSeats } from '#models/seats.ts';

import { decodeCursor, foreignCursor, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { BodyState, ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentMember, presentRemoved, presentTeam } from './presenter.ts';
import { refusal } from './refusal.ts';

type OneMember = SignedInState & ParamsState<MemberParams>;

/** Who is in. */
export function memberRoutes({ knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<TeamQuery>>(
    '/api/team',
    authenticate(),
    requirePermission('team.manage'),
    validateQuery(TeamQuery),
    async (ctx) => {
      const { tenantId } = ctx.state.actor;
      const { limit, cursor } = ctx.state.query;
      const at = clock.now();
      const after = cursor === undefined ? null : lastOf(cursor);
      const entries = await listTeam(knex, tenantId, { after, limit: limit + 1, at });
      const { page, nextCursor } = pageOf(entries, limit, ({ id }) => [id]);
      ctx.body = presentTeam(page, nextCursor, await countSeats(knex, tenantId, { at })) satisfies Team;
    },
  );

  router.patch<OneMember & BodyState<ChangeMember>>(
    '/api/team/:id',
    authenticate(),
    requirePermission('team.manage'),
    validateParams(MemberParams),
    validateBody(ChangeMember),
    async (ctx) => {
      const { actor, params, body } = ctx.state;
      const change = { ...body, id: params.id, actor, at: clock.now() };
      const changed = await changeMember(knex, actor.tenantId, change);
      if (changed.state !== 'changed') throw refusal(changed);
      ctx.body = presentMember(changed.member) satisfies MemberView;
    },
  );

  router.delete<OneMember>(
    '/api/team/:id',
    authenticate(),
    requirePermission('team.manage'),
    validateParams(MemberParams),
    async (ctx) => {
      const { actor, params } = ctx.state;
      const removed = await removeMember(knex, actor.tenantId, { id: params.id, actor, at: clock.now() });
      if (removed.state !== 'removed') throw refusal(removed);
      ctx.body = presentRemoved(params.id, removed) satisfies RemovedMember;
    },
  );
  return router;
}

function lastOf(cursor: string): string {
  const [id = ''] = decodeCursor(cursor, 1);
  if (isId('usr', id) || isId('inv', id)) return toUuid(id);
  throw foreignCursor();
}
