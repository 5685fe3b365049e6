import { Router } from '@koa/router';

import { ChangeWidgetSettings, SetWidgetOrigins, type WidgetInstall, type WidgetOrigins } from '#contract/widget.ts';
import { entriesFor } from '#domain/widget-page.ts';
import { saveWidgetSettings } from '#models/commands/save-widget-settings.ts';
import { setWidgetOrigins } from '#models/commands/set-widget-origins.ts';
import { readWidgetConfig } from '#models/read/widget-config.ts';
import { listWidgetOrigins } from '#models/widget-origin.ts';
import { readWidgetSettings } from '#models/widget-settings.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { presentInstall } from './install-snippets.ts';
import type { MissingOrigins } from './missing-origins.ts';
import { presentWidgetSettings } from './presenter.ts';

type SetUpDeps = Pick<ApiDeps, 'knex' | 'clock'> & { missing: MissingOrigins };

const MAY_MANAGE = [authenticate(), requirePermission('widget.manage')] as const;

/** Which pages may use the keys, how the widget looks there, and what to paste into them. */
export function widgetSetUpRoutes(deps: SetUpDeps): Router<RequestState> {
  const { knex, clock, missing } = deps;
  const router = new Router<RequestState>();
  settingsRoutes(router, deps);

  router.get<SignedInState>('/api/widget/origins', ...MAY_MANAGE, async (ctx) => {
    ctx.body = { origins: await listWidgetOrigins(knex, ctx.state.actor.tenantId) } satisfies WidgetOrigins;
  });

  router.put<SignedInState & BodyState<SetWidgetOrigins>>(
    '/api/widget/origins',
    ...MAY_MANAGE,
    validateBody(SetWidgetOrigins),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const origins = await setWidgetOrigins(knex, actor.tenantId, { ...body, actor, at: clock.now() });
      ctx.body = { origins } satisfies WidgetOrigins;
    },
  );

  router.get<SignedInState>('/api/widget/install', ...MAY_MANAGE, async (ctx) => {
    const { tenantId } = ctx.state.actor;
    const config = await readWidgetConfig(knex, { tenantId }, clock.now());
    const origins = config?.origins ?? [];
    const missingOrigins = missing
      .of(tenantId)
      .filter((origin) => !entriesFor(origin).some((entry) => origins.includes(entry)));
    const install = { host: ctx.state.ownOrigin, tenantId, key: config?.key ?? null, origins, missingOrigins };
    ctx.body = presentInstall(install) satisfies WidgetInstall;
  });
  return router;
}

function settingsRoutes(router: Router<RequestState>, { knex, clock }: SetUpDeps): void {
  router.get<SignedInState>('/api/widget/settings', ...MAY_MANAGE, async (ctx) => {
    ctx.body = presentWidgetSettings(await readWidgetSettings(knex, ctx.state.actor.tenantId));
  });

  router.patch<SignedInState & BodyState<ChangeWidgetSettings>>(
    '/api/widget/settings',
    ...MAY_MANAGE,
    validateBody(ChangeWidgetSettings),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const saved = await saveWidgetSettings(knex, actor.tenantId, { change: body, actor, at: clock.now() });
      ctx.body = presentWidgetSettings(saved);
    },
  );
}
