import { Problem } from '#contract/problems.ts';
import type { SessionId, TenantId } from '#domain/ids.ts';
import { locateChat, type LocatedChat } from '#models/locate-chat.ts';
import { sha256Hex } from '#platform/digest.ts';
import type { KeyRing } from '#platform/key-ring.ts';
import type { Knex } from 'knex';
import type { ParameterizedContext } from 'koa';

import { addressOf } from './chat-address.ts';
import { noConversation } from './no-conversation.ts';
import { newVisitorSecret, provesSession } from './session-proof.ts';

/** The operator's own tenant: who answers on a page that names no business. */
const OPERATOR_BUSINESS_ID = 'office16852-platform';

const VISITOR_COOKIE = 'bob_visitor';
const VISITOR_COOKIE_MAX_AGE_MS = 30 * 24 * 3600 * 1000;

export interface Visitor {
  secret: string;
  hash: string;
  token: string;
}

export function publicTenant(businessId: string | undefined): { businessId: string } {
  return { businessId: businessId ?? OPERATOR_BUSINESS_ID };
}

/** The browser's own secret, made with its first message: it may continue every session that it began. */
export function visitorOf(ctx: ParameterizedContext, { isHttps }: { isHttps: boolean }): Visitor {
  const known = ctx.cookies.get(VISITOR_COOKIE, { signed: false });
  const secret = known ?? newVisitorSecret();
  if (known === undefined) {
    // TLS may end before us, where Koa sees a plain connection and would refuse to send the cookie.
    ctx.cookies.secure = isHttps;
    ctx.cookies.set(VISITOR_COOKIE, secret, {
      httpOnly: true,
      sameSite: 'lax',
      signed: false,
      maxAge: VISITOR_COOKIE_MAX_AGE_MS,
      secure: isHttps,
    });
  }
  return { secret, hash: sha256Hex(secret), token: ctx.get('X-Session-Token') };
}

export function businessNotFound(): Problem {
  return new Problem('business-not-found', { detail: 'No business of this name takes chats here.' });
}

/** A tenant that did not open its public chat is as good as absent. */
export function admitTenant(located: LocatedChat | null): LocatedChat {
  if (located === null || !isPublic(located)) throw businessNotFound();
  return located;
}

function isPublic(located: LocatedChat): boolean {
  return located.isOperator || located.publicChat;
}

export interface VisitorDeps {
  knex: Knex;
  keyRing: KeyRing;
  isHttps: boolean;
}

export interface NamedVisit {
  session_id: string;
  business_id?: string | undefined;
}

/** The conversation a visitor names and proves to be theirs; 404 where there is none of this name. */
export async function findVisitorSession(
  ctx: ParameterizedContext,
  { knex, keyRing, isHttps }: VisitorDeps,
  visit: NamedVisit,
): Promise<{ tenantId: TenantId; sessionId: SessionId }> {
  const { session_id: clientSessionId } = visit;
  const { tenantId, session } = admitTenant(await locateVisit(knex, visit));
  if (session === null) throw noConversation();
  requireProof(keyRing, session, { clientSessionId, visitor: visitorOf(ctx, { isHttps }) });
  return { tenantId, sessionId: session.id };
}

/** While a visitor reads on, the tenant may close its public chat. */
export async function takesPublicChats(knex: Knex, visit: NamedVisit): Promise<boolean> {
  const located = await locateVisit(knex, visit);
  return located !== null && isPublic(located);
}

function locateVisit(knex: Knex, { session_id: clientSessionId, business_id: businessId }: NamedVisit) {
  return locateChat(knex, addressOf({ tenant: publicTenant(businessId), channel: 'public', clientSessionId }));
}

/** A session of somebody else stays theirs. */
export function requireProof(
  keyRing: KeyRing,
  session: NonNullable<LocatedChat['session']>,
  { clientSessionId, visitor }: { clientSessionId: string; visitor: { token: string; secret: string | null } },
): void {
  const proof = {
    sessionId: session.id,
    clientSessionId,
    token: visitor.token,
    visitorSecret: visitor.secret,
    visitorHash: session.visitorHash,
  };
  if (provesSession(keyRing, proof)) return;
  throw new Problem('session-proof-required', {
    detail:
      'This session_id has a conversation already. Send the session_token of its first answer in X-Session-Token, ' +
      'or take a new session_id.',
  });
}
