import type { Knex } from 'knex';

import type { PersonaId, TenantId } from '#domain/ids.ts';
import { withWords, wordsOf, type PersonaSnapshot, type PersonaWords } from '#domain/persona.ts';
import { newId } from '#platform/new-id.ts';

import { recordAudit } from '../audit.ts';
import { contentHashOf, deleteDraft, insertDraft, replaceDraft } from '../persona-version.ts';
import { editedContent, findPersona, lockPersona, type Persona } from '../persona.ts';
import type { PersonaActor } from './create-persona.ts';

export interface DraftEdit {
  id: PersonaId;
  /** Absent words stay as they are. */
  words: { [Word in keyof PersonaWords]?: string | undefined };
  /** Whether the content that the editor has seen is this one. */
  isCurrent: (contentHash: string) => boolean;
  actor: PersonaActor;
  at: Date;
}

export type SavedDraft =
  | { kind: 'saved'; persona: Persona }
  | { kind: 'stale'; contentHash: string }
  | { kind: 'missing' };

/** Words for the next version. What equals the draft changes nothing; what equals the live version needs no draft. */
export async function savePersonaDraft(knex: Knex, tenantId: TenantId, edit: DraftEdit): Promise<SavedDraft> {
  return knex.transaction(async (trx) => {
    const persona = await lockPersona(trx, tenantId, edit.id);
    if (persona === null) return { kind: 'missing' };
    const { snapshot: before, contentHash: hashBefore } = editedContent(persona);
    if (!edit.isCurrent(hashBefore)) return { kind: 'stale', contentHash: hashBefore };

    const given = Object.fromEntries(Object.entries(edit.words).filter(([, word]) => word !== undefined));
    const snapshot = withWords(before, { ...wordsOf(before), ...given });
    const hashAfter = contentHashOf(snapshot);
    if (hashAfter === hashBefore) return { kind: 'saved', persona };
    await store(trx, tenantId, { persona, snapshot, edit });
    await recordAudit(trx, tenantId, {
      actor: edit.actor,
      action: 'persona.draft_saved',
      objectType: 'persona',
      objectId: edit.id,
      before: { content_hash: hashBefore },
      after: { content_hash: hashAfter },
      reason: null,
      at: edit.at,
    });
    const saved = await findPersona(trx, tenantId, edit.id);
    return saved === null ? { kind: 'missing' } : { kind: 'saved', persona: saved };
  });
}

async function store(
  trx: Knex,
  tenantId: TenantId,
  { persona, snapshot, edit }: { persona: Persona; snapshot: PersonaSnapshot; edit: DraftEdit },
): Promise<void> {
  const { id: personaId, live, draft } = persona;
  const { at } = edit;
  const by = edit.actor.userId;
  if (live !== null && contentHashOf(snapshot) === live.contentHash) return deleteDraft(trx, tenantId, personaId);
  if (draft !== null) return replaceDraft(trx, tenantId, { personaId, snapshot, by, at });
  const parentId = live?.id ?? null;
  return insertDraft(trx, tenantId, { personaId, snapshot, parentId, source: 'edit', by, at, id: newId('pvr') });
}
