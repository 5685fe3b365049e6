import { Problem } from '#contract/problems.ts';
import type { PersonaId, SessionId, TenantId } from '#domain/ids.ts';
import { guessLanguage } from '#domain/languages.ts';
import { openSession } from '#models/commands/open-session.ts';
import { findLivePersona } from '#models/live-persona.ts';
import { locateChat, type LocatedChat } from '#models/locate-chat.ts';
import type { NewSession } from '#models/new-session.ts';
import { detectLanguage } from '#platform/language.ts';

import type { ApiDeps } from '../deps.ts';
import { announceChange, type AnnounceDeps } from '../sessions/announce-change.ts';
import { addressOf, ownIdOf } from './chat-address.ts';
import { noConversation } from './no-conversation.ts';
import { businessNotFound } from './visitor.ts';

export type OpenDeps = Pick<ApiDeps, 'knex' | 'clock'> & AnnounceDeps;

export interface OpeningChat {
  tenantId: TenantId;
  clientSessionId: string;
  /** Null for the tenant's default. */
  personaId: PersonaId | null;
  acceptLanguage: string;
}

const RACE_MAX = 3;

/** The conversation of this name, opened where there is none. Who loses a race finds the winner's. */
export async function openChatSession(
  deps: OpenDeps,
  chat: OpeningChat,
): Promise<{ sessionId: SessionId; isNew: boolean }> {
  const named = {
    tenant: { tenantId: chat.tenantId },
    channel: 'signed_in',
    clientSessionId: chat.clientSessionId,
  } as const;
  const address = addressOf(named);
  for (let raced = 0; raced < RACE_MAX; raced += 1) {
    const located = await locateChat(deps.knex, address);
    if (located === null) throw businessNotFound();
    const persona = await personaOf(deps, chat, located);
    if (located.session !== null) return { sessionId: located.session.id, isNew: false };
    if (ownIdOf(named) !== null) throw noConversation();
    const session: NewSession = {
      channel: named.channel,
      clientIdHash: address.clientIdHash,
      visitorHash: null,
      language: guessLanguage({ ...chat, text: '', fallback: located.language }, detectLanguage),
      persona,
    };
    const opened = await openSession(deps.knex, chat.tenantId, { session, at: deps.clock.now() });
    if (opened === null) continue;
    announceChange(deps, opened);
    return { sessionId: opened.sessionId, isNew: true };
  }
  throw new Problem('conflict', {
    detail: 'This session_id is being opened by others at the moment. Send the request again.',
  });
}

async function personaOf(
  { knex }: OpenDeps,
  { tenantId, personaId }: OpeningChat,
  located: LocatedChat,
): Promise<NewSession['persona']> {
  if (personaId === null) return located.persona;
  const persona = await findLivePersona(knex, tenantId, personaId);
  if (persona === null) throw new Problem('not-found', { detail: 'No published persona has this persona_id.' });
  return persona;
}
