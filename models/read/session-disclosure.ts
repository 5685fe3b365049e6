import type { Knex } from 'knex';

import { toUuid, type SessionId, type TenantId } from '#domain/ids.ts';
import { isLanguage, type Language } from '#domain/languages.ts';

export interface SessionDisclosure {
  language: Language;
  persona: { name: string };
}

/** Who the visitor talks with, and in which language that is told. */
export async function readSessionDisclosure(
  knex: Knex,
  tenantId: TenantId,
  sessionId: SessionId,
): Promise<SessionDisclosure | null> {
  const { rows } = await knex.raw<{ rows: { language: string; name: string }[] }>(
    `select chat_session.language, persona_version.snapshot -> 'identity' ->> 'name' as name
     from chat_session
     join persona_version on persona_version.tenant_id = chat_session.tenant_id
       and persona_version.id = chat_session.persona_version_id
     where chat_session.tenant_id = ? and chat_session.id = ?`,
    [tenantId, toUuid(sessionId)],
  );
  const [row] = rows;
  if (row === undefined) return null;
  return { language: isLanguage(row.language) ? row.language : 'en', persona: { name: row.name } };
}
