import { Router } from '@koa/router';

import { AuditQuery, PlatformAuditQuery, type AuditEventList, type PlatformAuditEventList } from '#contract/audit.ts';
import { isId, isTenantId } from '#domain/ids.ts';
import { listAuditEvents, listPlatformAuditEvents, type AuditEntry, type AuditFilter } from '#models/read/audit-log.ts';

import { decodeCursor, foreignCursor, pageOf } from '../cursor.ts';
import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { QueryState, RequestState, SignedInState } from '../state.ts';
import { presentAuditEvent, presentPlatformAuditEvent } from './presenter.ts';

/** Years beyond four digits are more than the database can compare. */
const ISO_MOMENT = /^\d{4}-[\d:.T-]+Z$/;

/** Who changed what, and why. */
export function auditRoutes({ knex }: Pick<ApiDeps, 'knex'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState & QueryState<AuditQuery>>(
    '/api/audit',
    authenticate(),
    requirePermission('audit.read'),
    validateQuery(AuditQuery),
    async (ctx) => {
      const { actor, query } = ctx.state;
      const found = await listAuditEvents(knex, actor.tenantId, filterOf(query));
      const { page, nextCursor } = pageOf(found, query.limit, placeOf);
      ctx.body = { data: page.map(presentAuditEvent), next_cursor: nextCursor } satisfies AuditEventList;
    },
  );

  router.get<SignedInState & QueryState<PlatformAuditQuery>>(
    '/api/admin/audit',
    authenticate(),
    requirePermission('platform.audit'),
    validateQuery(PlatformAuditQuery),
    async (ctx) => {
      const { query } = ctx.state;
      const tenantId = query.tenant !== undefined && isTenantId(query.tenant) ? query.tenant : null;
      const found = await listPlatformAuditEvents(knex, { ...filterOf(query), tenantId });
      const { page, nextCursor } = pageOf(found, query.limit, placeOf);
      ctx.body = {
        data: page.map(presentPlatformAuditEvent),
        next_cursor: nextCursor,
      } satisfies PlatformAuditEventList;
    },
  );
  return router;
}

/** One more than asked for tells whether there is more. */
function filterOf(query: AuditQuery): AuditFilter {
  return {
    actor: query.actor ?? null,
    action: query.action ?? null,
    objectType: query.object_type ?? null,
    objectId: query.object ?? null,
    from: query.from === undefined ? null : new Date(query.from),
    to: query.to === undefined ? null : new Date(query.to),
    before: query.cursor === undefined ? null : lastOf(query.cursor),
    limit: query.limit + 1,
  };
}

function placeOf({ at, id }: AuditEntry): string[] {
  return [at.toISOString(), id];
}

function lastOf(cursor: string): AuditFilter['before'] {
  const [at = '', id = ''] = decodeCursor(cursor, 2);
  const moment = new Date(at);
  if (!ISO_MOMENT.test(at) || Number.isNaN(moment.getTime()) || !isId('adt', id)) throw foreignCursor();
  return { at: moment, id };
}
