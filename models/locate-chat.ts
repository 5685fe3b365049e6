import type { Knex } from 'knex';

import {
  toId,
  type PersonaId,
  type PersonaVersionId,
  type SessionId,
  type TenantId,
  type TurnId,
} from '#domain/ids.ts';
import { isLanguage, type Language } from '#domain/languages.ts';
import type { Channel } from '#domain/turn.ts';

export interface ChatAddress {
  /** The tenant by its public name, or by its id where the caller is signed in. */
  tenant: { businessId: string } | { tenantId: TenantId };
  channel: Channel;
  clientIdHash: string;
  clientMessageId: string;
}

export interface LocatedChat {
  tenantId: TenantId;
  isOperator: boolean;
  publicChat: boolean;
  language: Language;
  persona: { id: PersonaId; versionId: PersonaVersionId; number: number };
  session: { id: SessionId; state: 'open' | 'closed'; visitorHash: string | null } | null;
  /** The earlier acceptance of the same key in this session. */
  accepted: { turnId: TurnId; messageId: `msg_${string}`; messageSeq: number; bodyHash: string } | null;
}

interface LocatedRow {
  tenant_id: TenantId;
  is_operator: boolean;
  public_chat: boolean;
  language: string;
  persona_id: string;
  persona_version_id: string;
  persona_number: number;
  session_id: string | null;
  session_state: 'open' | 'closed';
  visitor_hash: string | null;
  turn_id: string | null;
  message_id: string;
  message_seq: number;
  body_hash: string;
}

/** Tenant, session and earlier acceptance in one round trip; null where no such tenant takes chats. */
export async function locateChat(knex: Knex, address: ChatAddress): Promise<LocatedChat | null> {
  const { tenant } = address;
  const byName = 'businessId' in tenant;
  const { rows } = await knex.raw<{ rows: LocatedRow[] }>(
    `select tenant.id as tenant_id, tenant.is_operator, tenant.public_chat, tenant.language,
       persona.id as persona_id, persona_version.id as persona_version_id, persona_version.number as persona_number,
       chat_session.id as session_id, chat_session.state as session_state, chat_session.visitor_hash,
       accepted_message.turn_id, accepted_message.message_id, accepted_message.body_hash,
       turn.message_seq
     from tenant
     join persona on persona.tenant_id = tenant.id and persona.is_default
     join persona_version on persona_version.tenant_id = persona.tenant_id
       and persona_version.id = persona.live_version_id
     left join chat_session on chat_session.tenant_id = tenant.id and chat_session.channel = :channel
       and chat_session.client_id_hash = :clientIdHash
     left join accepted_message on accepted_message.tenant_id = tenant.id
       and accepted_message.session_id = chat_session.id and accepted_message.client_message_id = :clientMessageId
     left join turn on turn.tenant_id = tenant.id and turn.id = accepted_message.turn_id
     where ${byName ? 'tenant.business_id = :name' : 'tenant.id = :name'}`,
    {
      channel: address.channel,
      clientIdHash: address.clientIdHash,
      clientMessageId: address.clientMessageId,
      name: byName ? tenant.businessId : tenant.tenantId,
    },
  );
  const [row] = rows;
  return row === undefined ? null : readLocated(row);
}

function readLocated(row: LocatedRow): LocatedChat {
  return {
    tenantId: row.tenant_id,
    isOperator: row.is_operator,
    publicChat: row.public_chat,
    language: isLanguage(row.language) ? row.language : 'en',
    persona: {
      id: toId('per', row.persona_id),
      versionId: toId('pvr', row.persona_version_id),
      number: row.persona_number,
    },
    session:
      row.session_id === null
        ? null
        : { id: toId('ses', row.session_id), state: row.session_state, visitorHash: row.visitor_hash },
    accepted: row.turn_id === null ? null : readAccepted(row, row.turn_id),
  };
}

function readAccepted(row: LocatedRow, turnId: string): NonNullable<LocatedChat['accepted']> {
  return {
    turnId: toId('trn', turnId),
    messageId: toId('msg', row.message_id),
    messageSeq: row.message_seq,
    bodyHash: row.body_hash,
  };
}
