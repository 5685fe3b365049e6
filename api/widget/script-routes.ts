import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { Problem } from '#contract/problems.ts';
import { WidgetConfigParams, WidgetPanelParams, WidgetScriptParams } from '#contract/widget.ts';
import { readOriginHeader } from '#domain/widget-origin.ts';
import { entriesFor } from '#domain/widget-page.ts';
import { readWidgetConfig, type WidgetConfig, type WidgetOwner } from '#models/read/widget-config.ts';

import type { ApiDeps } from '../deps.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { validateParams } from '../middleware/validate-params.ts';
import type { ParamsState, RequestState } from '../state.ts';
import { readBuiltWidget } from './built-widget.ts';
import type { MissingOrigins } from './missing-origins.ts';
import { presentScriptConfig } from './presenter.ts';
import { FOR_EVER, sendCached, SOON } from './send-cached.ts';

type ScriptDeps = Pick<ApiDeps, 'knex' | 'clock'> & { missing: MissingOrigins };

const SCRIPT = 'text/javascript';

/** What pages of other sites load: the same for everybody, without a cookie. */
export function widgetScriptRoutes(deps: ScriptDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  const built = readBuiltWidget();

  router.get<ParamsState<WidgetScriptParams>>(
    '/widget/:tenant_id/widget.js',
    limitReads(),
    validateParams(WidgetScriptParams),
    async (ctx) => {
      const config = await configOf(deps, ctx, { tenantId: ctx.state.params.tenant_id });
      sendCached(ctx, { type: SCRIPT, text: built.scriptOf(presentScriptConfig(config)), caching: SOON });
    },
  );
  router.get<ParamsState<WidgetConfigParams>>(
    '/widget/:owner/config.json',
    limitReads(),
    validateParams(WidgetConfigParams),
    async (ctx) => {
      const { owner } = ctx.state.params;
      const config = await configOf(deps, ctx, owner.startsWith('pk_') ? { key: owner } : { tenantId: owner });
      const text = JSON.stringify(presentScriptConfig(config));
      sendCached(ctx, { type: 'application/json', text, caching: SOON });
    },
  );

  router.get('/widget/loader.js', async (ctx) => {
    sendCached(ctx, { type: SCRIPT, text: built.loader, caching: SOON });
  });
  router.get<ParamsState<WidgetPanelParams>>(
    '/widget/v/:hash/panel.js',
    validateParams(WidgetPanelParams),
    async (ctx) => {
      // A loader of the release before may still be in a cache: it gets the panel of today, for a short while.
      const caching = ctx.state.params.hash === built.panelHash ? FOR_EVER : SOON;
      sendCached(ctx, { type: SCRIPT, text: built.panel, caching });
    },
  );
  return router;
}

async function configOf(
  { knex, clock, missing }: ScriptDeps,
  ctx: ParameterizedContext<RequestState>,
  owner: WidgetOwner,
): Promise<WidgetConfig> {
  const config = await readWidgetConfig(knex, owner, clock.now());
  if (config === null) throw new Problem('not-found', { detail: 'No widget has this name.' });
  const page = pageOf(ctx);
  if (page !== null && !entriesFor(page).some((entry) => config.origins.includes(entry))) {
    missing.note(config.tenantId, page);
  }
  return config;
}

/** The site that loads the script, as far as its browser says; null for our own pages. */
function pageOf(ctx: ParameterizedContext<RequestState>): string | null {
  const referrer = ctx.get('Referer');
  if (!URL.canParse(referrer)) return null;
  const origin = readOriginHeader(new URL(referrer).origin);
  return origin === ctx.state.ownOrigin ? null : origin;
}
