import { Router } from '@koa/router';

import { Problem } from '#contract/problems.ts';
import { ChangeTenant } from '#contract/tenant.ts';
import { LANGUAGES } from '#domain/languages.ts';
import { changeTenant, type WantedSettings } from '#models/commands/change-tenant.ts';
import { readTenantProfile } from '#models/tenant-settings.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { presentTenantSettings } from './presenter.ts';

/** What a tenant is, and what it decides for itself. */
export function tenantRoutes({ knex, clock }: Pick<ApiDeps, 'knex' | 'clock'>): Router<RequestState> {
  const router = new Router<RequestState>();

  router.get<SignedInState>('/api/tenant', authenticate(), async (ctx) => {
    ctx.body = presentTenantSettings(await readTenantProfile(knex, ctx.state.actor.tenantId));
  });

  router.patch<SignedInState & BodyState<ChangeTenant>>(
    '/api/tenant',
    authenticate(),
    requirePermission('settings.manage'),
    validateBody(ChangeTenant),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const change = { wanted: wantedOf(body), actor, at: clock.now() };
      const changed = await changeTenant(knex, actor.tenantId, change);
      switch (changed.kind) {
        case 'changed':
          ctx.body = presentTenantSettings(changed.profile);
          return;
        case 'language-not-offered':
          throw wrongField('/language', 'not_offered', 'The language has to be one of languages.');
        case 'time-zone-unknown':
          throw wrongField('/time_zone', 'unknown', 'The database does not know this time zone.');
        default:
          return changed satisfies never;
      }
    },
  );
  return router;
}

function wantedOf(body: ChangeTenant): WantedSettings {
  return {
    name: body.name,
    language: body.language,
    // Each once, in the order of the product.
    languages: body.languages == null ? body.languages : LANGUAGES.filter((name) => body.languages?.includes(name)),
    timeZone: body.time_zone,
    transcriptDays: body.transcript_days,
    privacyUrl: body.privacy_url,
    fallbackContact: body.fallback_contact,
    publicChat: body.public_chat,
  };
}

function wrongField(pointer: string, code: string, detail: string): Problem {
  return new Problem('invalid-body', {
    detail: 'One field is wrong.',
    extensions: { errors: [{ pointer, code, detail }] },
  });
}
