import { Router } from '@koa/router';

import { NoFields, PersonaParams, PersonaVersionParams, PublishPersona } from '#contract/personas.ts';
import { Problem } from '#contract/problems.ts';
import type { PersonaId, TenantId } from '#domain/ids.ts';
import { publishPersona, type GoneLive } from '#models/commands/publish-persona.ts';
import { restorePersona } from '#models/commands/restore-persona.ts';
import { setDefaultPersona } from '#models/commands/set-default-persona.ts';
import { readWholeVersion } from '#models/read/persona-versions.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { demandPermission, requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import type { BodyState, ParamsState, RequestState, SignedInState } from '../state.ts';
import { answer } from './edit-routes.ts';
import { matcherOf } from './if-match.ts';
import { presentVersion } from './presenter.ts';
import { noPersona, noVersion, staleDraft } from './refusals.ts';

type Deps = Pick<ApiDeps, 'knex' | 'clock' | 'doorbell'>;
type OneVersion = SignedInState & ParamsState<PersonaVersionParams> & BodyState<NoFields>;

/** What changes what visitors hear. */
export function publishRoutes(deps: Deps): Router<RequestState> {
  const { knex, clock } = deps;
  const router = new Router<RequestState>();
  versionRoutes(router, deps);

  router.post<SignedInState & ParamsState<PersonaParams> & BodyState<NoFields>>(
    '/api/personas/:id/default',
    authenticate(),
    requirePermission('persona.publish'),
    validateParams(PersonaParams),
    validateBody(NoFields),
    async (ctx) => {
      const { actor, params } = ctx.state;
      const set = await setDefaultPersona(knex, actor.tenantId, { id: params.id, actor, at: clock.now() });
      if (set.kind === 'missing') throw noPersona();
      if (set.kind === 'not-published') {
        throw new Problem('conflict', { detail: 'This persona was never published, so nobody could speak under it.' });
      }
      answer(ctx, set.persona);
    },
  );
  return router;
}

function versionRoutes(router: Router<RequestState>, deps: Deps): void {
  const { knex, clock } = deps;
  router.post<SignedInState & ParamsState<PersonaParams> & BodyState<PublishPersona>>(
    '/api/personas/:id/publish',
    authenticate(),
    requirePermission('persona.publish'),
    validateParams(PersonaParams),
    validateBody(PublishPersona),
    idempotent(),
    async (ctx) => {
      const { actor, params, body } = ctx.state;
      if (body.override_reason !== undefined) demandPermission(actor, 'persona.publish_override');
      const published = await publishPersona(knex, actor.tenantId, {
        id: params.id,
        changelog: body.changelog,
        overrideReason: body.override_reason ?? null,
        isCurrent: matcherOf(ctx.get('If-Match')),
        actor,
        at: clock.now(),
      });
      if (published.kind === 'missing') throw noPersona();
      if (published.kind === 'stale') throw staleDraft(published.contentHash);
      if (published.kind === 'no-draft') {
        throw new Problem('no-draft', { detail: 'Nothing was edited since the live version was published.' });
      }
      ctx.status = 201;
      ctx.body = await tellVersion(deps, actor.tenantId, { personaId: params.id, published });
    },
  );

  router.post<OneVersion>(
    '/api/personas/:id/versions/:n/restore',
    authenticate(),
    requirePermission('persona.publish'),
    validateParams(PersonaVersionParams),
    validateBody(NoFields),
    idempotent(),
    async (ctx) => {
      const { actor, params } = ctx.state;
      const wish = { id: params.id, number: params.n, actor, at: clock.now() };
      const restored = await restorePersona(knex, actor.tenantId, wish);
      if (restored.kind === 'missing') throw noVersion();
      if (restored.kind === 'live-already') {
        throw new Problem('conflict', { detail: 'The live version has this very content already.' });
      }
      ctx.status = 201;
      ctx.body = await tellVersion(deps, actor.tenantId, { personaId: params.id, published: restored });
    },
  );
}

/** Rings for those who wait for the event, now that it is committed. */
async function tellVersion(
  { knex, doorbell }: Deps,
  tenantId: TenantId,
  { personaId, published }: { personaId: PersonaId; published: GoneLive },
) {
  for (const endpointId of published.endpointIds) doorbell.ring('webhook_due', endpointId);
  const version = await readWholeVersion(knex, tenantId, { personaId, number: published.number });
  if (version === null) throw noVersion();
  return presentVersion(personaId, version);
}
