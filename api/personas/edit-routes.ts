import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { CreatePersona, EditPersona, PersonaParams, PersonaQuery, type PersonaList } from '#contract/personas.ts';
import { Problem } from '#contract/problems.ts';
import { archivePersona } from '#models/commands/archive-persona.ts';
import { createPersona, PERSONAS_MAX } from '#models/commands/create-persona.ts';
import { savePersonaDraft } from '#models/commands/save-persona-draft.ts';
import { editedContent, findPersona, listPersonas, type Persona } from '#models/persona.ts';

import { lastIdOf, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { BodyState, ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { matcherOf } from './if-match.ts';
import { presentPersona } from './presenter.ts';
import { noPersona, staleDraft } from './refusals.ts';

type OnePersona = SignedInState & ParamsState<PersonaParams>;

/** What a team writes; nobody outside hears of it before it is published. */
export function editRoutes({ knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<PersonaQuery>>(
    '/api/personas',
    authenticate(),
    requirePermission('persona.edit'),
    validateQuery(PersonaQuery),
    async (ctx) => {
      const { limit, cursor, archived } = ctx.state.query;
      const wanted = { archived: archived === 'true', after: lastIdOf('per', cursor), limit: limit + 1 };
      const personas = await listPersonas(knex, ctx.state.actor.tenantId, wanted);
      const { page, nextCursor } = pageOf(personas, limit, ({ id }) => [id]);
      ctx.body = { data: page.map(presentPersona), next_cursor: nextCursor } satisfies PersonaList;
    },
  );

  router.post<SignedInState & BodyState<CreatePersona>>(
    '/api/personas',
    authenticate(),
    requirePermission('persona.edit'),
    validateBody(CreatePersona),
    idempotent(),
    async (ctx) => {
      const { actor, body: words } = ctx.state;
      const created = await createPersona(knex, actor.tenantId, { words, actor, at: clock.now() });
      if (created.kind === 'limit') {
        throw new Problem('conflict', { detail: `A tenant has at most ${PERSONAS_MAX} personas. Archive one first.` });
      }
      ctx.status = 201;
      answer(ctx, created.persona);
    },
  );

  router.get<OnePersona>(
    '/api/personas/:id',
    authenticate(),
    requirePermission('persona.edit'),
    validateParams(PersonaParams),
    async (ctx) => {
      const persona = await findPersona(knex, ctx.state.actor.tenantId, ctx.state.params.id);
      if (persona === null) throw noPersona();
      answer(ctx, persona);
    },
  );
  changeRoutes(router, { knex, clock });
  return router;
}

function changeRoutes(router: Router<RequestState>, { knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): void {
  router.patch<OnePersona & BodyState<EditPersona>>(
    '/api/personas/:id',
    authenticate(),
    requirePermission('persona.edit'),
    validateParams(PersonaParams),
    validateBody(EditPersona),
    async (ctx) => {
      const { actor, params, body: words } = ctx.state;
      const edit = { id: params.id, words, isCurrent: matcherOf(ctx.get('If-Match')), actor, at: clock.now() };
      const saved = await savePersonaDraft(knex, actor.tenantId, edit);
      switch (saved.kind) {
        case 'saved':
          return answer(ctx, saved.persona);
        case 'stale':
          throw staleDraft(saved.contentHash);
        case 'missing':
          throw noPersona();
        default:
          return saved satisfies never;
      }
    },
  );

  router.delete<OnePersona>(
    '/api/personas/:id',
    authenticate(),
    requirePermission('persona.publish'),
    validateParams(PersonaParams),
    async (ctx) => {
      const { actor, params } = ctx.state;
      const outcome = await archivePersona(knex, actor.tenantId, { id: params.id, actor, at: clock.now() });
      if (outcome === 'missing') throw noPersona();
      if (outcome === 'is-default') {
        throw new Problem('default-persona', { detail: 'Make another persona the default one, then archive this.' });
      }
      ctx.status = 204;
    },
  );
}

/** With the tag that a later `If-Match` has to name. */
export function answer(ctx: ParameterizedContext, persona: Persona): void {
  ctx.body = presentPersona(persona);
  ctx.etag = editedContent(persona).contentHash;
}
