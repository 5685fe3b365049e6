import type { Knex } from 'knex';

import { toId, toUuid, type PersonaId, type TenantId } from '#domain/ids.ts';

import type { NewSession } from './new-session.ts';

/** A persona with the version that speaks now; null where the tenant has none of this id, or it is not published. */
export async function findLivePersona(
  knex: Knex,
  tenantId: TenantId,
  personaId: PersonaId,
): Promise<NewSession['persona'] | null> {
  const { rows } = await knex.raw<{ rows: { id: string; number: number }[] }>(
    `select persona_version.id, persona_version.number
     from persona
     join persona_version on persona_version.tenant_id = persona.tenant_id
       and persona_version.id = persona.live_version_id
     where persona.tenant_id = ? and persona.id = ? and persona.archived_at is null`,
    [tenantId, toUuid(personaId)],
  );
  const [row] = rows;
  return row === undefined ? null : { id: personaId, versionId: toId('pvr', row.id), number: row.number };
}
