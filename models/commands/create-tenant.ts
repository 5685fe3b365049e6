import type { Knex } from 'knex';

import { toUuid, type PersonaId, type TenantId, type UserId } from '#domain/ids.ts';
import type { Language } from '#domain/languages.ts';
import type { Realm, Role } from '#domain/permissions.ts';
import { defaultPersonaWords, PERSONA_SCHEMA_VERSION, snapshotOf, type PersonaSnapshot } from '#domain/persona.ts';
import { newId, newTenantId } from '#platform/new-id.ts';

import { openAccount } from '../credit-ledger/open-account.ts';
import { contentHashOf } from '../persona-version.ts';

export interface NewTenant {
  businessId: string;
  name: string;
  isOperator: boolean;
  publicChat: boolean;
  language: Language;
  planKey: string;
  user: { realm: Realm; role: Role; email: string; name: string; passwordHash: string };
  at: Date;
}

export interface CreatedTenant {
  tenantId: TenantId;
  userId: UserId;
  persona: { id: PersonaId; name: string; version: number };
}

const FIRST_VERSION = 1;

/** A tenant that can answer at once: its first user, a published default persona, a plan and its credits. */
export async function createTenant(trx: Knex.Transaction, tenant: NewTenant): Promise<CreatedTenant> {
  const tenantId = newTenantId();
  const userId = newId('usr');
  await trx.raw(
    `with born as (
       insert into tenant (id, business_id, name, is_operator, language, public_chat, created_at)
       values (:tenantId, :businessId, :name, :isOperator, :language, :publicChat, :at)
     )
     insert into app_user (tenant_id, id, realm, role, email, name, password_hash, created_at)
     values (:tenantId, :userId, :realm, :role, :email, :userName, :passwordHash, :at)`,
    {
      tenantId,
      businessId: tenant.businessId,
      name: tenant.name,
      isOperator: tenant.isOperator,
      language: tenant.language,
      publicChat: tenant.publicChat,
      at: tenant.at,
      userId: toUuid(userId),
      realm: tenant.user.realm,
      role: tenant.user.role,
      email: tenant.user.email.toLowerCase(),
      userName: tenant.user.name,
      passwordHash: tenant.user.passwordHash,
    },
  );
  const snapshot = snapshotOf(defaultPersonaWords(tenant.name, tenant.language));
  const personaId = await publishDefaultPersona(trx, tenantId, { snapshot, userId, at: tenant.at });
  await openAccount(trx, { tenantId, planKey: tenant.planKey, at: tenant.at });
  return { tenantId, userId, persona: { id: personaId, name: snapshot.identity.name, version: FIRST_VERSION } };
}

async function publishDefaultPersona(
  trx: Knex.Transaction,
  tenantId: TenantId,
  { snapshot, userId, at }: { snapshot: PersonaSnapshot; userId: UserId; at: Date },
): Promise<PersonaId> {
  const personaId = newId('per');
  await trx.raw(
    `with born as (
       insert into persona (tenant_id, id, slug, is_default, live_version_id, created_at)
       values (:tenantId, :personaId, 'bob', true, :versionId, :at)
     )
     insert into persona_version (tenant_id, id, persona_id, number, state, schema_version, snapshot, content_hash,
       source, changelog, created_by, published_by, created_at, published_at)
     values (:tenantId, :versionId, :personaId, :number, 'published', :schemaVersion, :snapshot, :contentHash,
       'edit', 'The default persona', :userId, :userId, :at, :at)`,
    {
      tenantId,
      personaId: toUuid(personaId),
      versionId: toUuid(newId('pvr')),
      number: FIRST_VERSION,
      schemaVersion: PERSONA_SCHEMA_VERSION,
      snapshot: JSON.stringify(snapshot),
      contentHash: contentHashOf(snapshot),
      userId: toUuid(userId),
      at,
    },
  );
  return personaId;
}
