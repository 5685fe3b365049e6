import type { Knex } from 'knex';

import { changedFields } from '#domain/changed-fields.ts';
import type { TenantId } from '#domain/ids.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import {
  findTimeZone,
  lockTenantProfile,
  storeTenantSettings,
  type TenantProfile,
  type TenantSettings,
} from '../tenant-settings.ts';

export type WantedSettings = { [Field in keyof TenantSettings]?: TenantSettings[Field] | undefined };

export type ChangedTenant =
  | { kind: 'changed'; profile: TenantProfile }
  | { kind: 'language-not-offered' }
  | { kind: 'time-zone-unknown' };

/** Only what was given is looked at, under the tenant's lock: of two who change at once neither undoes the other. */
export async function changeTenant(
  knex: Knex,
  tenantId: TenantId,
  { wanted, actor, at }: { wanted: WantedSettings; actor: AuditActor; at: Date },
): Promise<ChangedTenant> {
  return knex.transaction(async (trx) => {
    const profile = await lockTenantProfile(trx, tenantId);
    if (profile === null) throw new Error(`no tenant ${tenantId}`);
    const settings = settingsOf(profile);
    const timeZone = wanted.timeZone === undefined ? settings.timeZone : await findTimeZone(trx, wanted.timeZone);
    if (timeZone === null) return { kind: 'time-zone-unknown' };
    const { before, after } = changedFields(settings, { ...wanted, timeZone });
    const next = { ...settings, ...after };
    if (next.languages !== null && !next.languages.includes(next.language)) return { kind: 'language-not-offered' };
    if (Object.keys(after).length === 0) return { kind: 'changed', profile };
    await storeTenantSettings(trx, tenantId, next);
    await recordAudit(trx, tenantId, {
      actor,
      action: 'tenant.changed',
      objectType: 'tenant',
      objectId: tenantId,
      before: wireNamed(before),
      after: wireNamed(after),
      reason: null,
      at,
    });
    return { kind: 'changed', profile: { ...profile, ...next } };
  });
}

/** The audit log is read over the wire, where names are snake_case. */
function wireNamed(fields: object): object {
  const named = Object.entries(fields).map(([name, value]): [string, unknown] => {
    return [name.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`), value];
  });
  return Object.fromEntries(named);
}

function settingsOf(profile: TenantProfile): TenantSettings {
  const { name, language, languages, timeZone, transcriptDays, privacyUrl, fallbackContact, publicChat } = profile;
  return { name, language, languages, timeZone, transcriptDays, privacyUrl, fallbackContact, publicChat };
}
