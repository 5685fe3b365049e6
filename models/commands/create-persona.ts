import type { Knex } from 'knex';

import type { PersonaId, TenantId } from '#domain/ids.ts';
import { personaSlug, snapshotOf, type PersonaWords } from '#domain/persona.ts';
import { newId } from '#platform/new-id.ts';

import { recordAudit, type AuditActor } from '../audit.ts';
import { contentHashOf, insertDraft } from '../persona-version.ts';
import { findPersona, insertPersona, readSlugs, type Persona } from '../persona.ts';
import { lockTenant } from '../tenant.ts';

export const PERSONAS_MAX = 100;

/** Who writes: a person, or a program with that person's key. */
export type PersonaActor = Exclude<AuditActor, 'system'>;

export type CreatedPersona = { kind: 'created'; persona: Persona } | { kind: 'limit' };

/** A persona with a first draft. Nobody speaks under it before it is published. */
export async function createPersona(
  knex: Knex,
  tenantId: TenantId,
  { words, actor, at }: { words: PersonaWords; actor: PersonaActor; at: Date },
): Promise<CreatedPersona> {
  return knex.transaction(async (trx) => {
    // Two at once would both find room for one, and take one slug; the tenant's row makes the second wait.
    await lockTenant(trx, tenantId);
    const { slugs, inUse } = await readSlugs(trx, tenantId);
    if (inUse >= PERSONAS_MAX) return { kind: 'limit' };

    const id: PersonaId = newId('per');
    const snapshot = snapshotOf(words);
    const slug = personaSlug(words.name, slugs);
    await insertPersona(trx, tenantId, { id, slug, at });
    const draft = { personaId: id, snapshot, parentId: null, source: 'edit', by: actor.userId, at } as const;
    await insertDraft(trx, tenantId, { ...draft, id: newId('pvr') });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'persona.created',
      objectType: 'persona',
      objectId: id,
      before: null,
      after: { slug, content_hash: contentHashOf(snapshot) },
      reason: null,
      at,
    });
    const persona = await findPersona(trx, tenantId, id);
    if (persona === null) throw new Error(`${id} was not stored`);
    return { kind: 'created', persona };
  });
}
