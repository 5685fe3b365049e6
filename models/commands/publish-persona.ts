import type { Knex } from 'knex';

import type { EventDraft } from '#contract/events.ts';
import type { EndpointId, PersonaId, TenantId } from '#domain/ids.ts';

import { recordAudit } from '../audit.ts';
import { emit } from '../outbox/emit.ts';
import { publishDraft } from '../persona-version.ts';
import { lockPersona } from '../persona.ts';
import type { PersonaActor } from './create-persona.ts';

export interface PublishWish {
  id: PersonaId;
  changelog: string;
  overrideReason: string | null;
  /** Whether the draft is the one that the publisher has seen. */
  isCurrent: (contentHash: string) => boolean;
  actor: PersonaActor;
  at: Date;
}

export interface GoneLive {
  kind: 'published';
  number: number;
  /** Whose doorbell is to be rung. */
  endpointIds: EndpointId[];
}

export type PublishedPersona =
  | GoneLive
  | { kind: 'no-draft' }
  | { kind: 'stale'; contentHash: string }
  | { kind: 'missing' };

/** The draft becomes the next version; conversations that run stay on theirs. Of two who publish at once, one did. */
export async function publishPersona(knex: Knex, tenantId: TenantId, wish: PublishWish): Promise<PublishedPersona> {
  return knex.transaction(async (trx) => {
    const persona = await lockPersona(trx, tenantId, wish.id);
    if (persona === null) return { kind: 'missing' };
    const { draft, live } = persona;
    if (draft === null) return { kind: 'no-draft' };
    const { contentHash } = draft;
    if (!wish.isCurrent(contentHash)) return { kind: 'stale', contentHash };

    const { id: personaId, changelog, actor, at } = wish;
    const number = await publishDraft(trx, tenantId, { personaId, changelog, by: actor.userId, at });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'persona.published',
      objectType: 'persona',
      objectId: personaId,
      before: live === null ? null : { number: live.number, content_hash: live.contentHash },
      after: { number, content_hash: contentHash },
      reason: wish.overrideReason,
      at,
    });
    const change = { personaId, from: live?.number ?? null, to: number, contentHash };
    const events = [versionPublished(change, wish.overrideReason)];
    return { kind: 'published', number, endpointIds: await emit(trx, { tenantId, sessionId: null, at, events }) };
  });
}

export interface VersionChange {
  personaId: PersonaId;
  from: number | null;
  to: number;
  contentHash: string;
}

/** The event of a version that went live. */
export function versionPublished(change: VersionChange, overrideReason: string | null): EventDraft {
  const { personaId, from, to, contentHash } = change;
  const known = { persona_id: personaId, from, to, content_hash: contentHash };
  return {
    type: 'persona.version_published',
    dedupeKey: `persona/${personaId}/version/${to}`,
    data: { ...known, test_run_id: null, override_reason: overrideReason },
  };
}
