import { Router } from '@koa/router';

import {
  PersonaDiffParams,
  PersonaParams,
  PersonaVersionParams,
  PersonaVersionQuery,
  type PersonaDiff,
  type PersonaVersionList,
} from '#contract/personas.ts';
import { diffJson } from '#domain/json-diff.ts';
import { findPersona } from '#models/persona.ts';
import { listVersions, readWholeVersion } from '#models/read/persona-versions.ts';

import { decodeCursor, foreignCursor, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentVersion, presentWholeVersion } from './presenter.ts';
import { noPersona, noVersion } from './refusals.ts';

/** What was published, for ever as it was. */
export function versionRoutes({ knex }: Pick<ApiDeps, 'knex'>): Router<RequestState> {
  const router = new Router<RequestState>();

  async function wholeVersion(state: SignedInState & ParamsState<PersonaParams>, number: number) {
    const { tenantId } = state.actor;
    const personaId = state.params.id;
    // An archived persona is gone for the editor, its versions with it; receipts name their hashes.
    if ((await findPersona(knex, tenantId, personaId)) === null) throw noPersona();
    return (await readWholeVersion(knex, tenantId, { personaId, number })) ?? missing();
  }

  router.get<SignedInState & ParamsState<PersonaParams> & QueryState<PersonaVersionQuery>>(
    '/api/personas/:id/versions',
    authenticate(),
    requirePermission('persona.edit'),
    validateParams(PersonaParams),
    validateQuery(PersonaVersionQuery),
    async (ctx) => {
      const { actor, params, query } = ctx.state;
      const before = query.cursor === undefined ? null : lastOf(query.cursor);
      if ((await findPersona(knex, actor.tenantId, params.id)) === null) throw noPersona();
      const wanted = { personaId: params.id, before, limit: query.limit + 1 };
      const versions = await listVersions(knex, actor.tenantId, wanted);
      const { page, nextCursor } = pageOf(versions, query.limit, ({ number }) => [String(number)]);
      const data = page.map((version) => presentVersion(params.id, version));
      ctx.body = { data, next_cursor: nextCursor } satisfies PersonaVersionList;
    },
  );

  router.get<SignedInState & ParamsState<PersonaVersionParams>>(
    '/api/personas/:id/versions/:n',
    authenticate(),
    requirePermission('persona.edit'),
    validateParams(PersonaVersionParams),
    async (ctx) => {
      const { params } = ctx.state;
      ctx.body = presentWholeVersion(params.id, await wholeVersion(ctx.state, params.n));
    },
  );

  router.get<SignedInState & ParamsState<PersonaDiffParams>>(
    '/api/personas/:id/versions/:n/diff/:m',
    authenticate(),
    requirePermission('persona.edit'),
    validateParams(PersonaDiffParams),
    async (ctx) => {
      const { n, m } = ctx.state.params;
      const from = await wholeVersion(ctx.state, n);
      const to = await wholeVersion(ctx.state, m);
      ctx.body = { from: n, to: m, changes: diffJson(from.snapshot, to.snapshot) } satisfies PersonaDiff;
    },
  );
  return router;
}

function lastOf(cursor: string): number {
  const [last = ''] = decodeCursor(cursor, 1);
  if (!/^[1-9]\d{0,8}$/.test(last)) throw foreignCursor();
  return Number(last);
}

function missing(): never {
  throw noVersion();
}
