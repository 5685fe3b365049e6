import type { ParameterizedContext } from 'koa';

import { locateChat, type LocatedChat, type WidgetPage } from '#models/locate-chat.ts';
import type { SessionRef } from '#models/session-owner.ts';

import { addressOf } from '../chat/chat-address.ts';
import { noConversation } from '../chat/no-conversation.ts';
import { requireProof } from '../chat/visitor.ts';
import type { ApiDeps } from '../deps.ts';
import type { MissingOrigins } from './missing-origins.ts';
import { admitPage, type WidgetPageState } from './widget-page.ts';

export type WidgetSessionDeps = Pick<ApiDeps, 'knex' | 'keyRing' | 'clock'> & { missing: MissingOrigins };

/** The conversation that a page names and its visitor proves; 404 where there is none of this name. */
export async function findWidgetSession(
  { knex, keyRing, missing }: WidgetSessionDeps,
  ctx: ParameterizedContext<WidgetPageState>,
  clientSessionId: string,
): Promise<SessionRef> {
  const { page } = ctx.state;
  const located = await locateChat(knex, addressOf({ tenant: page, channel: 'widget', clientSessionId }));
  const { tenantId, session } = admitPage(located, page, missing.note);
  if (session === null) throw noConversation();
  requireToken(ctx, keyRing, { session, clientSessionId });
  return { tenantId, sessionId: session.id };
}

/** While a page reads on, its key may be revoked, or its origin struck off the list. */
export async function admitsPage(
  { knex, clock }: Pick<WidgetSessionDeps, 'knex' | 'clock'>,
  page: WidgetPage,
  clientSessionId: string,
): Promise<boolean> {
  const tenant = { ...page, at: clock.now() };
  const located = await locateChat(knex, addressOf({ tenant, channel: 'widget', clientSessionId }));
  return located?.originListed ?? false;
}

/** No cookie travels between sites, so the token is the only proof. */
export function requireToken(
  ctx: ParameterizedContext,
  keyRing: ApiDeps['keyRing'],
  { session, clientSessionId }: { session: NonNullable<LocatedChat['session']>; clientSessionId: string },
): void {
  const visitor = { token: ctx.get('X-Session-Token'), secret: null };
  requireProof(keyRing, session, { clientSessionId, visitor });
}
