import { isId, type SessionId, type TenantId } from '#domain/ids.ts';
import { locateChat, type ChatAddress } from '#models/locate-chat.ts';
import type { SessionRef } from '#models/session-owner.ts';
import { sha256Hex } from '#platform/digest.ts';
import type { Knex } from 'knex';

import { noConversation } from './no-conversation.ts';

export interface NamedChat {
  tenant: ChatAddress['tenant'];
  channel: ChatAddress['channel'];
  /** The caller's own name of the conversation; signed in, our id as well. */
  clientSessionId: string;
  /** Slug or id of the persona that the caller would like for a new session. */
  persona?: string | null;
}

/** `clientMessageId` is the key of the message to look for; without one only the session is. */
export function addressOf(named: NamedChat, clientMessageId = ''): ChatAddress {
  const { tenant, channel, clientSessionId, persona = null } = named;
  return {
    tenant,
    persona,
    channel,
    clientIdHash: sha256Hex(clientSessionId),
    sessionId: ownIdOf({ channel, clientSessionId }),
    clientMessageId,
  };
}

/** A session named by our id exists, or the call is wrong: it is never opened under that name. */
export function ownIdOf({
  channel,
  clientSessionId,
}: Pick<NamedChat, 'channel' | 'clientSessionId'>): SessionId | null {
  return channel === 'signed_in' && isId('ses', clientSessionId) ? clientSessionId : null;
}

/** The conversation that a signed-in caller may continue; 404 where there is none of this name. */
export async function findSignedInSession(
  knex: Knex,
  tenantId: TenantId,
  clientSessionId: string,
): Promise<SessionRef> {
  const located = await locateChat(knex, addressOf({ tenant: { tenantId }, channel: 'signed_in', clientSessionId }));
  const session = located?.session ?? null;
  if (session === null) throw noConversation();
  return { tenantId, sessionId: session.id };
}
