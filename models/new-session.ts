import { randomBytes } from 'node:crypto';

import type { EventDraft } from '#contract/events.ts';
import { DISCLOSURE_VERSION } from '#domain/fixed-texts.ts';
import { toUuid, type PersonaId, type PersonaVersionId, type SessionId } from '#domain/ids.ts';
import type { Language } from '#domain/languages.ts';
import type { Channel } from '#domain/turn.ts';

/** What the beginning of a session fixes for all that follows (N6: the persona version). */
export interface NewSession {
  channel: Channel;
  clientIdHash: string;
  visitorHash: string | null;
  language: Language;
  persona: { id: PersonaId; versionId: PersonaVersionId; number: number };
}

/** Its counters say what the same transaction writes beside it: a first message and its turn, or nothing yet. */
export function insertSession(counters: { nextSeq: number; eventSeq: number; openTurns: number }): string {
  return `
  insert into chat_session (tenant_id, id, channel, client_id_hash, visitor_hash, persona_version_id, language,
    owner_since, next_seq, event_seq, open_turns, mac_key, created_at, last_at)
  values (:tenantId, :sessionId, :channel, :clientIdHash, :visitorHash, :personaVersionId, :language,
    :at, ${counters.nextSeq}, ${counters.eventSeq}, ${counters.openTurns}, :macKey, :at, :at)`;
}

/** Stands beside a common table expression `session`, the row just inserted. */
export const SHOW_DISCLOSURE = `
  insert into disclosure_shown (tenant_id, session_id, ordinal, version, language, placement, shown_by, shown_at)
  select :tenantId, session.id, 1, :disclosureVersion, :language, 'banner', 'server', session.last_at from session`;

const MAC_KEY_BYTES = 32;

export function newSessionBindings(session: NewSession) {
  return {
    channel: session.channel,
    clientIdHash: session.clientIdHash,
    visitorHash: session.visitorHash,
    personaVersionId: toUuid(session.persona.versionId),
    language: session.language,
    disclosureVersion: DISCLOSURE_VERSION,
    macKey: randomBytes(MAC_KEY_BYTES),
  };
}

export function createdEvent(sessionId: SessionId, session: NewSession): EventDraft {
  return {
    type: 'session.created',
    dedupeKey: `session/${sessionId}/created`,
    data: {
      channel: session.channel,
      persona_id: session.persona.id,
      persona_version: session.persona.number,
      language: session.language,
      visitor_ref: null,
      disclosure_version: DISCLOSURE_VERSION,
    },
  };
}
