import { Router } from '@koa/router';

import { Problem } from '#contract/problems.ts';
import { AddEndpoint, ChangeEndpoint, EndpointParams, type AddedEndpoint } from '#contract/webhooks.ts';
import { addWebhookEndpoint, ENDPOINTS_MAX } from '#models/commands/add-webhook-endpoint.ts';
import { changeWebhookEndpoint } from '#models/commands/change-webhook-endpoint.ts';
import { removeWebhookEndpoint } from '#models/commands/remove-webhook-endpoint.ts';
import { findEndpoint, listEndpoints } from '#models/webhook/endpoint.ts';
import { parseAllowedHosts, type AllowedHosts } from '#platform/allowed-hosts.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import type { BodyState, ParamsState, RequestState, SignedInState } from '../state.ts';
import { presentEndpoint } from './presenter.ts';

type OneEndpoint = SignedInState & ParamsState<EndpointParams>;

/** Where a tenant's events go. */
export function endpointRoutes(deps: Pick<ApiDeps, 'knex' | 'clock' | 'env' | 'keyRing'>): Router<RequestState> {
  const { knex } = deps;
  const router = new Router<RequestState>();
  const allowed = parseAllowedHosts(deps.env.WEBHOOK_ALLOW_HOSTS ?? '');
  addRoute(router, deps, allowed);
  changeRoutes(router, deps, allowed);

  router.get<SignedInState>(
    '/api/webhooks/endpoints',
    authenticate(),
    requirePermission('webhooks.read'),
    async (ctx) => {
      const endpoints = await listEndpoints(knex, ctx.state.actor.tenantId);
      ctx.body = { data: endpoints.map(presentEndpoint), next_cursor: null };
    },
  );
  router.get<OneEndpoint>(
    '/api/webhooks/endpoints/:id',
    authenticate(),
    requirePermission('webhooks.read'),
    validateParams(EndpointParams),
    async (ctx) => {
      const endpoint = await findEndpoint(knex, ctx.state.actor.tenantId, ctx.state.params.id);
      ctx.body = presentEndpoint(endpoint ?? notFound());
    },
  );
  return router;
}

function addRoute(
  router: Router<RequestState>,
  { knex, clock, keyRing }: Pick<ApiDeps, 'knex' | 'clock' | 'keyRing'>,
  allowed: AllowedHosts,
): void {
  router.post<SignedInState & BodyState<AddEndpoint>>(
    '/api/webhooks/endpoints',
    authenticate(),
    requirePermission('webhooks.manage'),
    validateBody(AddEndpoint),
    idempotent(),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const { url, description, event_types: eventTypes } = body;
      refuseUnlisted(allowed, url);
      const endpoint = { url, description, eventTypes, at: clock.now() };
      const added = await addWebhookEndpoint(knex, actor.tenantId, { endpoint, keyRing, actor });
      if (added.kind === 'limit') {
        throw new Problem('webhook-endpoint-limit', { detail: `A tenant has at most ${ENDPOINTS_MAX} endpoints.` });
      }
      ctx.status = 201;
      ctx.body = { ...presentEndpoint(added.endpoint), secret: added.secret } satisfies AddedEndpoint;
    },
  );
}

function changeRoutes(
  router: Router<RequestState>,
  { knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>,
  allowed: AllowedHosts,
): void {
  router.patch<OneEndpoint & BodyState<ChangeEndpoint>>(
    '/api/webhooks/endpoints/:id',
    authenticate(),
    requirePermission('webhooks.manage'),
    validateParams(EndpointParams),
    validateBody(ChangeEndpoint),
    async (ctx) => {
      const { actor, params, body } = ctx.state;
      const { url, description, event_types: eventTypes } = body;
      if (url !== undefined) refuseUnlisted(allowed, url);
      const change = { id: params.id, change: { url, description, eventTypes }, actor, at: clock.now() };
      const endpoint = await changeWebhookEndpoint(knex, actor.tenantId, change);
      ctx.body = presentEndpoint(endpoint ?? notFound());
    },
  );
  router.delete<OneEndpoint>(
    '/api/webhooks/endpoints/:id',
    authenticate(),
    requirePermission('webhooks.manage'),
    validateParams(EndpointParams),
    async (ctx) => {
      const { actor, params } = ctx.state;
      const removal = { id: params.id, actor, at: clock.now() };
      const removed = await removeWebhookEndpoint(knex, actor.tenantId, removal);
      if (!removed) notFound();
      ctx.status = 204;
    },
  );
}

/** Rule and setting, but never what a name resolved to. */
function refuseUnlisted(allowed: AllowedHosts, url: string): void {
  const refusal = allowed.refusalOf(url);
  if (refusal === null) return;
  const { detail, rule, setting } = refusal;
  throw new Problem('webhook-url-refused', { detail, extensions: { rule, setting } });
}

function notFound(): never {
  throw new Problem('not-found', { detail: 'No webhook endpoint has this id.' });
}
