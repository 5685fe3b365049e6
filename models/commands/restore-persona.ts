import type { Knex } from 'knex';

import type { PersonaId, TenantId } from '#domain/ids.ts';

import { recordAudit } from '../audit.ts';
import { emit } from '../outbox/emit.ts';
import { findVersion, publishCopy } from '../persona-version.ts';
import { lockPersona } from '../persona.ts';
import type { PersonaActor } from './create-persona.ts';
import { versionPublished, type GoneLive } from './publish-persona.ts';

export interface RestoreWish {
  id: PersonaId;
  /** Of the version whose content is wanted back. */
  number: number;
  actor: PersonaActor;
  at: Date;
}

export type RestoredPersona = GoneLive | { kind: 'live-already' } | { kind: 'missing' };

/** An earlier content under a new number. History only grows, and a draft that somebody is writing stays theirs. */
export async function restorePersona(knex: Knex, tenantId: TenantId, wish: RestoreWish): Promise<RestoredPersona> {
  return knex.transaction(async (trx) => {
    const { id: personaId, actor, at } = wish;
    const persona = await lockPersona(trx, tenantId, personaId);
    const wanted = persona === null ? null : await findVersion(trx, tenantId, { personaId, number: wish.number });
    if (persona === null || wanted === null) return { kind: 'missing' };
    const { live } = persona;
    const { contentHash } = wanted;
    if (live?.contentHash === contentHash) return { kind: 'live-already' };

    const number = await publishCopy(trx, tenantId, {
      personaId,
      snapshot: wanted.snapshot,
      parentId: wanted.id,
      source: 'restore',
      changelog: `Restored from version ${wanted.number}`,
      by: actor.userId,
      at,
    });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'persona.restored',
      objectType: 'persona',
      objectId: personaId,
      before: live === null ? null : { number: live.number, content_hash: live.contentHash },
      after: { number, content_hash: contentHash, restored_from: wanted.number },
      reason: null,
      at,
    });
    const change = { personaId, from: live?.number ?? null, to: number, contentHash };
    const events = [versionPublished(change, null)];
    return { kind: 'published', number, endpointIds: await emit(trx, { tenantId, sessionId: null, at, events }) };
  });
}
