import { Router } from '@koa/router';

import { ApiKeyParams, ApiKeyQuery, CreateApiKey, type ApiKeyList, type CreatedApiKey } from '#contract/keys.ts';
import { Problem } from '#contract/problems.ts';
import { PERMISSIONS, type Permission } from '#domain/permissions.ts';
import { listApiKeys } from '#models/api-key.ts';
import { API_KEYS_MAX, createApiKey } from '#models/commands/create-api-key.ts';
import { revokeApiKey } from '#models/commands/revoke-api-key.ts';
import { sha256Hex } from '#platform/digest.ts';

import { hintOf, newApiKeySecret } from '../auth/api-key-secret.ts';
import { lastIdOf, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { Actor, BodyState, ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentApiKey } from './presenter.ts';

/** What programs sign in with. */
export function keyRoutes({ knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<ApiKeyQuery>>(
    '/api/keys',
    authenticate(),
    requirePermission('keys.manage'),
    validateQuery(ApiKeyQuery),
    async (ctx) => {
      const { limit, cursor } = ctx.state.query;
      const before = lastIdOf('key', cursor);
      const keys = await listApiKeys(knex, ctx.state.actor.tenantId, { before, limit: limit + 1 });
      const { page, nextCursor } = pageOf(keys, limit, ({ id }) => [id]);
      ctx.body = { data: page.map(presentApiKey), next_cursor: nextCursor } satisfies ApiKeyList;
    },
  );

  router.post<SignedInState & BodyState<CreateApiKey>>(
    '/api/keys',
    authenticate(),
    requirePermission('keys.manage'),
    validateBody(CreateApiKey),
    idempotent(),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const secret = newApiKeySecret();
      const created = await createApiKey(knex, actor.tenantId, {
        name: body.name,
        scopes: grantable(actor, body.scopes),
        secretHash: sha256Hex(secret),
        hint: hintOf(secret),
        createdBy: actor.userId,
        actor,
        at: clock.now(),
      });
      if (created.kind === 'limit') {
        throw new Problem('conflict', { detail: `A tenant has at most ${API_KEYS_MAX} API keys that work.` });
      }
      ctx.status = 201;
      ctx.body = { ...presentApiKey(created.key), secret } satisfies CreatedApiKey;
    },
  );

  router.delete<SignedInState & ParamsState<ApiKeyParams>>(
    '/api/keys/:id',
    authenticate(),
    requirePermission('keys.manage'),
    validateParams(ApiKeyParams),
    async (ctx) => {
      const { actor, params } = ctx.state;
      const revoked = await revokeApiKey(knex, actor.tenantId, { id: params.id, actor, at: clock.now() });
      if (!revoked) throw new Problem('not-found', { detail: 'No API key has this id.' });
      ctx.status = 204;
    },
  );
  return router;
}

/** Each scope once; nobody gives away what they may not do themselves. */
function grantable({ permissions }: Actor, scopes: readonly Permission[]): Permission[] {
  const wanted = PERMISSIONS.filter((name) => scopes.includes(name));
  const missing = wanted.filter((name) => !permissions.has(name));
  if (missing.length === 0) return wanted;
  throw new Problem('forbidden', {
    detail: 'A key can do no more than you: leave out the scopes that you lack.',
    extensions: { permissions: missing },
  });
}
