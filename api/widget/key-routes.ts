import { Router } from '@koa/router';

import { Problem } from '#contract/problems.ts';
import {
  AddWidgetKey,
  RotateWidgetKey,
  WidgetKeyParams,
  WidgetKeyQuery,
  type RotatedWidgetKey,
  type WidgetKeyList,
} from '#contract/widget.ts';
import { addWidgetKey } from '#models/commands/add-widget-key.ts';
import { revokeWidgetKey } from '#models/commands/revoke-widget-key.ts';
import { rotateWidgetKey } from '#models/commands/rotate-widget-key.ts';
import { listWidgetKeys } from '#models/read/widget-keys.ts';
import { WIDGET_KEYS_MAX } from '#models/widget-key.ts';

import { lastIdOf, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { BodyState, ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentWidgetKey } from './presenter.ts';

type KeyDeps = Pick<ApiDeps, 'knex' | 'clock'>;
type OneKey = SignedInState & ParamsState<WidgetKeyParams>;

const KEYS = '/api/widget/keys';

/** The keys that pages carry. */
export function widgetKeyRoutes(deps: KeyDeps): Router<RequestState> {
  const { knex, clock } = deps;
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<WidgetKeyQuery>>(
    KEYS,
    authenticate(),
    requirePermission('widget.manage'),
    validateQuery(WidgetKeyQuery),
    async (ctx) => {
      const { limit, cursor } = ctx.state.query;
      const before = lastIdOf('wky', cursor);
      const keys = await listWidgetKeys(knex, ctx.state.actor.tenantId, { before, limit: limit + 1 });
      const { page, nextCursor } = pageOf(keys, limit, ({ id }) => [id]);
      const now = clock.now();
      const data = page.map((key) => presentWidgetKey(key, now));
      ctx.body = { data, next_cursor: nextCursor } satisfies WidgetKeyList;
    },
  );
  makeRoutes(router, deps);

  router.delete<OneKey>(
    `${KEYS}/:id`,
    authenticate(),
    requirePermission('widget.manage'),
    validateParams(WidgetKeyParams),
    async (ctx) => {
      const { actor, params } = ctx.state;
      if (!(await revokeWidgetKey(knex, actor.tenantId, { id: params.id, actor, at: clock.now() }))) throw noKey();
      ctx.status = 204;
    },
  );
  return router;
}

function makeRoutes(router: Router<RequestState>, { knex, clock }: KeyDeps): void {
  router.post<SignedInState & BodyState<AddWidgetKey>>(
    KEYS,
    authenticate(),
    requirePermission('widget.manage'),
    validateBody(AddWidgetKey),
    idempotent(),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const at = clock.now();
      const added = await addWidgetKey(knex, actor.tenantId, { name: body.name, actor, at });
      if (added.kind === 'limit') throw tooManyKeys();
      ctx.status = 201;
      ctx.body = presentWidgetKey(added.key, at);
    },
  );

  router.post<OneKey & BodyState<RotateWidgetKey>>(
    `${KEYS}/:id/rotate`,
    authenticate(),
    requirePermission('widget.manage'),
    validateParams(WidgetKeyParams),
    validateBody(RotateWidgetKey),
    idempotent(),
    async (ctx) => {
      const { actor, params, body } = ctx.state;
      const at = clock.now();
      const rotation = { id: params.id, overlapHours: body.overlap_hours, actor, at };
      const rotated = await rotateWidgetKey(knex, actor.tenantId, rotation);
      if (rotated.kind === 'missing') throw noKey();
      if (rotated.kind === 'limit') throw tooManyKeys();
      if (rotated.kind === 'ended') {
        throw new Problem('conflict', {
          detail: 'This key has been rotated or revoked. Rotate the one that replaced it.',
        });
      }
      ctx.status = 201;
      ctx.body = {
        ...presentWidgetKey(rotated.key, at),
        replaces: { id: params.id, ends_at: rotated.oldEndsAt.toISOString() },
      } satisfies RotatedWidgetKey;
    },
  );
}

function tooManyKeys(): Problem {
  return new Problem('conflict', { detail: `A tenant has at most ${WIDGET_KEYS_MAX} keys that work.` });
}

function noKey(): Problem {
  return new Problem('not-found', { detail: 'No widget key has this id.' });
}
