import { randomUUID } from 'node:crypto';

import { z } from 'zod';

import { toUuid, type TenantId, type UserId } from '#domain/ids.ts';
import { prefixedId } from '#contract/common.ts';
import type { Permission, Realm, Role } from '#domain/permissions.ts';
import { systemClock } from '#platform/clock.ts';
import { newUuid } from '#platform/new-id.ts';

import { csrfTokenOf, newToken, tokenHashOf } from '../../api/auth/tokens.ts';
import { sendJson } from '../fixtures/send-json.ts';
import { insertTenantUser, TEST_PASSWORD } from '../fixtures/tenant-user.ts';
import { keep } from './kept-things.ts';
import { FUZZ_ORIGIN, type Owner, setScene, visit } from './set-scene.ts';
import type { FuzzedProduct } from './start-fuzzed-product.ts';
import type { Things } from './things.ts';

export const KINDS = ['none', 'owner', 'cookie', 'agent', 'api-key', 'operator', 'widget'] as const;
export type Kind = (typeof KINDS)[number];

export interface Credential {
  kind: Kind;
  /** What each security scheme of the document is given. */
  schemes: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Sent with every request. */
  headers: Readonly<Record<string, string>>;
  things: Things;
}

const FEW: readonly Permission[] = ['sessions.read', 'usage.read', 'webhooks.read'];
const SignedUp = z.object({ token: z.string(), widget_key: z.string() });
const Me = z.object({
  user: z.object({ id: z.string() }),
  tenant: z.object({ id: z.string(), business_id: z.string() }),
});
const Secret = z.object({ id: prefixedId('key'), secret: z.string() });
const SESSION_MS = 3_600_000;

/** A tenant with some of everything in it, and one kind of credential of somebody there. */
export async function credentialOf(kind: Kind, product: FuzzedProduct): Promise<Credential> {
  if (kind === 'operator') return operatorCredential(product);
  const { owner, publicKey } = await newTenant(product);
  await keepFor(owner, [publicKey, FUZZ_ORIGIN]);
  const things = { ...(await setScene(owner)), ...(await visit(owner, publicKey)) };
  const given = { kind, things, headers: {} };
  switch (kind) {
    case 'none':
      return { ...given, schemes: {} };
    case 'owner':
      return { ...given, schemes: { bearer: { bearer: owner.token } } };
    case 'cookie':
      return {
        ...given,
        headers: { 'Sec-Fetch-Site': 'same-origin' },
        schemes: { cookie: { api_key: owner.token }, csrf: { api_key: csrfTokenOf(owner.token) } },
      };
    case 'agent':
      return { ...given, schemes: { bearer: { bearer: await colleagueToken(product, owner, 'agent') } } };
    case 'api-key':
      return { ...given, schemes: { bearer: { bearer: await fewScopes(owner) } } };
    case 'widget':
      return { ...given, schemes: { widgetKey: { api_key: publicKey } } };
  }
}

async function keepFor({ knex, tenantId, userId, token }: Owner, more: string[] = []): Promise<void> {
  await keep(knex, [tenantId, toUuid(userId), tokenHashOf(token), ...more]);
}

async function newTenant({ url, knex, receiverUrl }: FuzzedProduct): Promise<{ owner: Owner; publicKey: string }> {
  const body = { email: `${randomUUID()}@example.com`, password: TEST_PASSWORD, business_name: 'Fuzz & Sons' };
  const answer = await sendJson(`${url}/api/customers/auth/signup`, { body });
  const { token, widget_key: publicKey } = SignedUp.parse(answer.body);
  const { user, tenant } = Me.parse(answer.body);
  const [tenantId, userId] = [tenant.id as TenantId, user.id as UserId];
  // The largest plan: seats and credits are not what is tried out.
  await knex.raw(`update subscription set plan_key = 'enterprise' where tenant_id = ?`, [tenantId]);
  const realm: Realm = 'tenant';
  return {
    owner: { url, knex, receiverUrl, tenantId, userId, realm, businessId: tenant.business_id, token },
    publicKey,
  };
}

/** An admin of the operator, where the work is done in the operator's own tenant. */
async function operatorCredential(product: FuzzedProduct): Promise<Credential> {
  const { knex } = product;
  const first = await knex('tenant').where({ is_operator: true }).first<{ id: TenantId; business_id: string }>();
  const { userId } = await insertTenantUser(knex, { realm: 'operator', role: 'admin', of: first.id });
  const token = await signIn(product, { tenantId: first.id, userId });
  const place = { tenantId: first.id, businessId: first.business_id, realm: 'operator' } as const;
  const owner: Owner = { ...product, ...place, userId, token };
  await keepFor(owner);
  const { owner: customer } = await newTenant(product);
  const things = { ...(await setScene(owner)), tenants: [customer.tenantId] };
  return { kind: 'operator', things, headers: {}, schemes: { bearer: { bearer: token } } };
}

async function colleagueToken(product: FuzzedProduct, owner: Owner, role: Role): Promise<string> {
  const { tenantId } = owner;
  const { userId } = await insertTenantUser(product.knex, { role, of: tenantId });
  const token = await signIn(product, { tenantId, userId });
  await keepFor({ ...owner, userId, token });
  return token;
}

async function fewScopes({ url, token, knex }: Owner): Promise<string> {
  const headers = { Authorization: `Bearer ${token}` };
  const answer = await sendJson(`${url}/api/keys`, { body: { name: 'Fuzz', scopes: FEW }, headers });
  const { id, secret } = Secret.parse(answer.body);
  await keep(knex, [toUuid(id)]);
  return secret;
}

/** Without a password, whose use is counted and limited. */
async function signIn({ knex }: FuzzedProduct, user: { tenantId: TenantId; userId: UserId }): Promise<string> {
  const token = newToken();
  const at = systemClock.now();
  await knex('auth_session').insert({
    tenant_id: user.tenantId,
    id: newUuid(),
    user_id: toUuid(user.userId),
    token_hash: tokenHashOf(token),
    created_at: at,
    expires_at: new Date(at.getTime() + SESSION_MS),
  });
  return token;
}
