import type { Knex } from 'knex';

import type { PersonaId, TenantId } from '#domain/ids.ts';

import { recordAudit } from '../audit.ts';
import { findPersona, lockPersona, moveDefault, type Persona } from '../persona.ts';
import { lockTenant } from '../tenant.ts';
import type { PersonaActor } from './create-persona.ts';

export type DefaultSet = { kind: 'set'; persona: Persona } | { kind: 'not-published' } | { kind: 'missing' };

/** Conversations that name no persona begin under this one from now on. */
export async function setDefaultPersona(
  knex: Knex,
  tenantId: TenantId,
  { id, actor, at }: { id: PersonaId; actor: PersonaActor; at: Date },
): Promise<DefaultSet> {
  return knex.transaction(async (trx) => {
    // Two wishes at once change three rows: the tenant's row makes the second wait for the first.
    await lockTenant(trx, tenantId);
    const persona = await lockPersona(trx, tenantId, id);
    if (persona === null) return { kind: 'missing' };
    // Visitors would find nobody who speaks.
    if (persona.live === null) return { kind: 'not-published' };
    if (persona.isDefault) return { kind: 'set', persona };

    const before = await moveDefault(trx, tenantId, id);
    await recordAudit(trx, tenantId, {
      actor,
      action: 'persona.default_set',
      objectType: 'persona',
      objectId: id,
      before: before === null ? null : { default: before },
      after: { default: id, number: persona.live.number, content_hash: persona.live.contentHash },
      reason: null,
      at,
    });
    const changed = await findPersona(trx, tenantId, id);
    return changed === null ? { kind: 'missing' } : { kind: 'set', persona: changed };
  });
}
