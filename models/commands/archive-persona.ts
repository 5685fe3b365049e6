import type { Knex } from 'knex';

import type { PersonaId, TenantId } from '#domain/ids.ts';

import { recordAudit } from '../audit.ts';
import { editedContent, lockPersona, markArchived } from '../persona.ts';
import type { PersonaActor } from './create-persona.ts';

/** No new conversation begins under it. Those that run go on, and its versions stay: receipts name their hashes. */
export async function archivePersona(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at }: { id: PersonaId; actor: PersonaActor; at: Date },
): Promise<'archived' | 'is-default' | 'missing'> {
  return knex.transaction(async (trx) => {
    const persona = await lockPersona(trx, tenantId, id);
    if (persona === null) return 'missing';
    if (persona.isDefault) return 'is-default';
    await markArchived(trx, tenantId, { id, at });
    await recordAudit(trx, tenantId, {
      actor,
      action: 'persona.archived',
      objectType: 'persona',
      objectId: id,
      before: { number: persona.live?.number ?? null, content_hash: editedContent(persona).contentHash },
      after: null,
      reason: null,
      at,
    });
    return 'archived';
  });
}
