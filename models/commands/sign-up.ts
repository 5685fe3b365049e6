import type { Knex } from 'knex';

import type { Language } from '#domain/languages.ts';
import { isUniqueViolation } from '#platform/database.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import { insertWidgetKey, type WidgetKey } from '../widget-key.ts';
import { createTenant, type CreatedTenant } from './create-tenant.ts';

export interface NewBusiness {
  name: string;
  /** What it may be called in addresses, the first free one wins. */
  businessIds: readonly string[];
  email: string;
  passwordHash: string;
  language: Language;
  planKey?: string;
  /** Whoever made it, where that is not the owner. */
  by?: AuditActor;
  at: Date;
}

export type SignedUp = (CreatedTenant & { state: 'signed-up'; widgetKey: WidgetKey }) | { state: 'email-taken' };

const FIRST_PLAN_KEY = 'starter';

/** A tenant with all it needs to answer on its own pages, or nothing at all. */
export async function signUp(knex: Knex, business: NewBusiness): Promise<SignedUp> {
  for (const businessId of business.businessIds) {
    const result = await tryBusinessId(knex, business, businessId);
    if (result.state !== 'business-id-taken') return result;
  }
  throw new Error(`none of ${business.businessIds.length} business ids was free`);
}

/** The constraints decide, not a look before: two sign-ups at once cannot both have a name or an address. */
async function tryBusinessId(
  knex: Knex,
  business: NewBusiness,
  businessId: string,
): Promise<SignedUp | { state: 'business-id-taken' }> {
  try {
    return await knex.transaction((trx) => createAll(trx, business, businessId));
  } catch (error) {
    if (isUniqueViolation(error, 'tenant_business_id_key')) return { state: 'business-id-taken' };
    if (isUniqueViolation(error, 'app_user_realm_email_key')) return { state: 'email-taken' };
    throw error;
  }
}

async function createAll(trx: Knex.Transaction, business: NewBusiness, businessId: string): Promise<SignedUp> {
  const { name, email, passwordHash, language, planKey = FIRST_PLAN_KEY, by, at } = business;
  const created = await createTenant(trx, {
    businessId,
    name,
    isOperator: false,
    publicChat: false,
    language,
    planKey,
    // Visitors may read the name of a person who answers them: the business's own gives nothing away.
    user: { realm: 'tenant', role: 'owner', email, name, passwordHash },
    at,
  });
  const { tenantId, userId } = created;
  const widgetKey = await insertWidgetKey(trx, tenantId, { name: 'First key', createdBy: userId, at });
  await recordAudit(trx, tenantId, {
    actor: by ?? { userId, apiKeyId: null },
    action: 'tenant.created',
    objectType: 'tenant',
    objectId: tenantId,
    before: null,
    after: { business_id: businessId, name, plan: planKey },
    reason: null,
    at,
  });
  return { state: 'signed-up', ...created, widgetKey };
}
