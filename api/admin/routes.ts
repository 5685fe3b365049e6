import { Router } from '@koa/router';

import {
  AddTenant,
  ChangeTenantTerms,
  TenantListQuery,
  TenantParams,
  type PlatformTenantList,
  type PlatformTenantView,
} from '#contract/admin.ts';
import { Problem } from '#contract/problems.ts';
import { businessIdsFor } from '#domain/business-id.ts';
import { isTenantId, type TenantId } from '#domain/ids.ts';
import { changeTenantTerms } from '#models/commands/change-tenant-terms.ts';
import { signUp } from '#models/commands/sign-up.ts';
import { isPlanOnSale } from '#models/pricebook.ts';
import { findPlatformTenant, listTenants } from '#models/read/tenant-list.ts';

import { emailTaken } from '../auth/email-taken.ts';
import { hashNewPassword } from '../auth/hash-new-password.ts';
import { newSuffixes } from '../auth/sign-up-routes.ts';
import { newToken } from '../auth/tokens.ts';
import { decodeCursor, foreignCursor, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateParams } from '../middleware/validate-params.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { BodyState, ParamsState, QueryState, RequestState, SignedInState } from '../state.ts';
import { presentPlatformTenant } from './presenter.ts';

type AdminDeps = Pick<ApiDeps, 'knex' | 'clock'>;

/** The operator's view of its tenants. */
export function adminRoutes(deps: AdminDeps): Router<RequestState> {
  const { knex } = deps;
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<TenantListQuery>>(
    '/api/admin/tenants',
    authenticate(),
    requirePermission('tenants.manage'),
    validateQuery(TenantListQuery),
    async (ctx) => {
      const { q, status, plan, cursor, limit } = ctx.state.query;
      const found = await listTenants(knex, {
        q: q ?? null,
        status: status ?? null,
        planKey: plan ?? null,
        before: cursor === undefined ? null : lastOf(cursor),
        limit: limit + 1,
      });
      const { page, nextCursor } = pageOf(found, limit, ({ tenantId }) => [tenantId]);
      ctx.body = { data: page.map(presentPlatformTenant), next_cursor: nextCursor } satisfies PlatformTenantList;
    },
  );
  addRoute(router, deps);
  changeRoute(router, deps);
  return router;
}

function addRoute(router: Router<RequestState>, { knex, clock }: AdminDeps): void {
  router.post<SignedInState & BodyState<AddTenant>>(
    '/api/admin/tenants',
    authenticate(),
    requirePermission('tenants.manage'),
    validateBody(AddTenant),
    idempotent(),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const { business_name: name, email, language, plan: planKey } = body;
      const at = clock.now();
      if (!(await isPlanOnSale(knex, { planKey, at }))) throw unknownPlan();
      const made = await signUp(knex, {
        name,
        businessIds: businessIdsFor(name, newSuffixes()),
        email,
        // Nobody knows this one: the owner sets another by the mail for forgotten passwords.
        passwordHash: await hashNewPassword(body.password ?? newToken()),
        language,
        planKey,
        by: actor,
        at,
      });
      if (made.state === 'email-taken') throw emailTaken('Take another one for the owner.');
      ctx.status = 201;
      ctx.body = await view({ knex }, made.tenantId);
    },
  );
}

function changeRoute(router: Router<RequestState>, { knex, clock }: AdminDeps): void {
  router.patch<SignedInState & ParamsState<TenantParams> & BodyState<ChangeTenantTerms>>(
    '/api/admin/tenants/:id',
    authenticate(),
    requirePermission('tenants.manage'),
    validateParams(TenantParams),
    validateBody(ChangeTenantTerms),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const tenantId = ctx.state.params.id;
      if (!isTenantId(tenantId)) throw noTenant();
      const { status, plan: planKey, reason = null } = body;
      const changed = await changeTenantTerms(knex, tenantId, { status, planKey, reason, actor, at: clock.now() });
      switch (changed.kind) {
        case 'changed':
          ctx.body = await view({ knex }, tenantId);
          return;
        case 'missing':
          throw noTenant();
        case 'operator':
          throw new Problem('conflict', { detail: 'The operator’s own tenant cannot be suspended.' });
        case 'plan-unknown':
          throw unknownPlan();
        default:
          return changed satisfies never;
      }
    },
  );
}

async function view({ knex }: Pick<AdminDeps, 'knex'>, tenantId: TenantId): Promise<PlatformTenantView> {
  const tenant = await findPlatformTenant(knex, tenantId);
  if (tenant === null) throw new Error(`no tenant ${tenantId}`);
  return presentPlatformTenant(tenant);
}

function noTenant(): Problem {
  return new Problem('not-found', { detail: 'No tenant has this id.' });
}

function unknownPlan(): Problem {
  const fault = { pointer: '/plan', code: 'unknown_plan', detail: 'No plan of the pricebook has this key.' };
  return new Problem('invalid-body', { detail: 'One field is wrong.', extensions: { errors: [fault] } });
}

function lastOf(cursor: string): TenantId {
  const [last = ''] = decodeCursor(cursor, 1);
  if (!isTenantId(last)) throw foreignCursor();
  return last;
}
