import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import {
  AssignSession,
  CloseSession,
  HandBackSession,
  SessionParams,
  TakeOverSession,
  type SessionClosed,
  type SessionHandedBack,
} from '#contract/sessions.ts';
import type { z } from 'zod';

import { assignSession } from '#models/commands/assign-session.ts';
import type { ByPerson, OwnerSet } from '#models/commands/change-owner.ts';
import { closeSession } from '#models/commands/close-session.ts';
import { handBack } from '#models/commands/hand-back.ts';
import { takeOver } from '#models/commands/take-over.ts';
import { readCurrentBalance } from '#models/credit-ledger/read-current-balance.ts';
import type { SessionRef } from '#models/session-owner.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import type { Actor, BodyState, ParamsState, RequestState, SignedInState } from '../state.ts';
import { announceChange, type AnnounceDeps } from './announce-change.ts';
import { presentOwnership } from './presenter.ts';
import { problemOf, type Refusal } from './refusal.ts';

export type SessionActionDeps = Pick<ApiDeps, 'knex' | 'clock' | 'handToSession'> & AnnounceDeps;

export type SessionAction<Body> = SignedInState & ParamsState<SessionParams> & BodyState<Body>;

/** What every command on a conversation asks of its caller. */
export function actionSteps<Schema extends z.ZodType>(body: Schema) {
  return [
    authenticate(),
    requirePermission('sessions.supervise'),
    validateParams(SessionParams),
    validateBody(body),
    idempotent(),
  ] as const;
}

export function sessionOf(ctx: ParameterizedContext<SignedInState & ParamsState<SessionParams>>): SessionRef {
  return { tenantId: ctx.state.actor.tenantId, sessionId: ctx.state.params.id };
}

/** Whose act it is, for what is done and for the audit. */
export function byOf({ userId, apiKeyId }: Actor): ByPerson {
  return { by: userId, byKey: apiKeyId };
}

/** Who speaks: each of these is one transaction, and its answer does not wait for Temporal. */
export function ownerRoutes(deps: SessionActionDeps): Router<RequestState> {
  const { knex, clock } = deps;
  const router = new Router<RequestState>();

  router.post<SessionAction<TakeOverSession>>(
    '/api/sessions/:id/takeover',
    ...actionSteps(TakeOverSession),
    async (ctx) => {
      const takeover = { ...byOf(ctx.state.actor), reason: ctx.state.body.reason ?? null };
      const ref = sessionOf(ctx);
      const set = await takeOver(knex, ref, { takeover, now: clock.now() });
      ctx.body = presentOwnership(announced(deps, ref, set));
    },
  );
  router.post<SessionAction<AssignSession>>('/api/sessions/:id/assign', ...actionSteps(AssignSession), async (ctx) => {
    const assignment = { to: ctx.state.body.user_id, ...byOf(ctx.state.actor) };
    const ref = sessionOf(ctx);
    const set = await assignSession(knex, ref, { assignment, now: clock.now() });
    ctx.body = presentOwnership(announced(deps, ref, set));
  });
  router.post<SessionAction<CloseSession>>('/api/sessions/:id/close', ...actionSteps(CloseSession), async (ctx) => {
    const closing = { ...byOf(ctx.state.actor), reason: ctx.state.body.reason };
    const ref = sessionOf(ctx);
    const set = announced(deps, ref, await closeSession(knex, ref, { closing, now: clock.now() }));
    ctx.body = { status: 'closed', ...presentOwnership(set) } satisfies SessionClosed;
  });
  handbackRoute(router, deps);
  return router;
}

function handbackRoute(router: Router<RequestState>, deps: SessionActionDeps): void {
  const { knex, clock, handToSession } = deps;
  router.post<SessionAction<HandBackSession>>(
    '/api/sessions/:id/handback',
    ...actionSteps(HandBackSession),
    async (ctx) => {
      const { actor } = ctx.state;
      const ref = sessionOf(ctx);
      const now = clock.now();
      const { availableMillicredits } = await readCurrentBalance(knex, actor.tenantId, now);
      const handback = { ...byOf(actor), note: ctx.state.body.note ?? null, availableMillicredits };
      const set = announced(deps, ref, await handBack(knex, ref, { handback, now }));
      if (set.turnId !== null) handToSession({ ...ref, turnId: set.turnId, channel: set.channel });
      ctx.body = { ...presentOwnership(set), turn_id: set.turnId } satisfies SessionHandedBack;
    },
  );
}

/** Rings for what was committed, or throws why nothing was. */
function announced<Set extends OwnerSet>(deps: AnnounceDeps, { sessionId }: SessionRef, set: Set | Refusal): Set {
  if (set.kind !== 'set') throw problemOf(set);
  const { isChanged, owner, endpointIds } = set;
  if (isChanged) {
    announceChange(deps, { sessionId, endpointIds, owner: owner.owner, isClosed: owner.state === 'closed' });
  }
  return set;
}
