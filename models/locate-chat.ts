import type { Knex } from 'knex';

import {
  isId,
  toId,
  toUuid,
  type PersonaId,
  type PersonaVersionId,
  type SessionId,
  type TenantId,
  type TurnId,
} from '#domain/ids.ts';
import { isLanguage, type Language } from '#domain/languages.ts';
import type { Channel } from '#domain/turn.ts';

/** A page of another site: the key says whose widget it is, the entries which line of that tenant's list lets it in. */
export interface WidgetPage {
  widgetKey: string;
  entries: readonly string[];
  at: Date;
}

export interface ChatAddress {
  /** The tenant by its public name, by its id where the caller is signed in, or by a widget key that works. */
  tenant: { businessId: string } | { tenantId: TenantId } | WidgetPage;
  /** Slug or id of the persona wanted for a new session; where it is not live the default one speaks. */
  persona?: string | null;
  channel: Channel;
  clientIdHash: string;
  /** Our own id of the session, where the caller named it by that; null for the caller's own name of it. */
  sessionId?: SessionId | null;
  clientMessageId: string;
}

export interface LocatedChat {
  tenantId: TenantId;
  isOperator: boolean;
  publicChat: boolean;
  /** For a page of another site: whether the tenant's list has it. */
  originListed: boolean;
  language: Language;
  /** What the tenant's visitors may be spoken to in; null for every language of the product. */
  languages: readonly string[] | null;
  persona: { id: PersonaId; versionId: PersonaVersionId; number: number };
  session: { id: SessionId; state: 'open' | 'closed'; visitorHash: string | null } | null;
  /** The earlier acceptance of the same key in this session. */
  accepted: { turnId: TurnId; messageId: `msg_${string}`; messageSeq: number; bodyHash: string } | null;
}

interface LocatedRow {
  tenant_id: TenantId;
  is_operator: boolean;
  public_chat: boolean;
  origin_listed: boolean;
  language: string;
  languages: string[] | null;
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
  const sessionId = address.sessionId ?? null;
  const persona = address.persona ?? null;
  const way = wayTo(address.tenant);
  const { rows } = await knex.raw<{ rows: LocatedRow[] }>(
    `select tenant.id as tenant_id, tenant.is_operator, tenant.public_chat, tenant.language, tenant.languages,
       ${way.originListed} as origin_listed,
       persona.id as persona_id, persona_version.id as persona_version_id, persona_version.number as persona_number,
       chat_session.id as session_id, chat_session.state as session_state, chat_session.visitor_hash,
       accepted_message.turn_id, accepted_message.message_id, accepted_message.body_hash,
       turn.message_seq
     from tenant
     join persona on persona.tenant_id = tenant.id
       and ${persona === null ? 'persona.is_default' : wishedPersona(persona)}
     join persona_version on persona_version.tenant_id = persona.tenant_id
       and persona_version.id = persona.live_version_id
     left join chat_session on chat_session.tenant_id = tenant.id and chat_session.channel = :channel
       and ${sessionId === null ? 'chat_session.client_id_hash = :session' : 'chat_session.id = :session'}
     left join accepted_message on accepted_message.tenant_id = tenant.id
       and accepted_message.session_id = chat_session.id and accepted_message.client_message_id = :clientMessageId
     left join turn on turn.tenant_id = tenant.id and turn.id = accepted_message.turn_id
     where ${way.where}`,
    {
      ...way.bindings,
      ...(persona === null ? {} : { persona: isId('per', persona) ? toUuid(persona) : persona }),
      channel: address.channel,
      session: sessionId === null ? address.clientIdHash : toUuid(sessionId),
      clientMessageId: address.clientMessageId,
    },
  );
  const [row] = rows;
  return row === undefined ? null : readLocated(row);
}

/** How the statement finds its tenant. Key and list are read in it, so that a change of either counts at once. */
function wayTo(tenant: ChatAddress['tenant']) {
  if ('businessId' in tenant) {
    return { where: 'tenant.business_id = :name', originListed: 'true', bindings: { name: tenant.businessId } };
  }
  if ('tenantId' in tenant) {
    return { where: 'tenant.id = :name', originListed: 'true', bindings: { name: tenant.tenantId } };
  }
  return {
    where: `tenant.id = (select widget_key.tenant_id from widget_key
       where widget_key.key = :name and (widget_key.ends_at is null or widget_key.ends_at > :at))`,
    originListed: `exists (select from widget_origin
       where widget_origin.tenant_id = tenant.id and widget_origin.origin = any(:entries))`,
    bindings: { name: tenant.widgetKey, at: tenant.at, entries: [...tenant.entries] },
  };
}

function wishedPersona(wish: string): string {
  return `persona.id = (
       select candidate.id from persona as candidate
       where candidate.tenant_id = tenant.id and candidate.live_version_id is not null
         and (candidate.is_default or candidate.archived_at is null
           and candidate.${isId('per', wish) ? 'id' : 'slug'} = :persona)
       order by candidate.is_default limit 1)`;
}

function readLocated(row: LocatedRow): LocatedChat {
  return {
    tenantId: row.tenant_id,
    isOperator: row.is_operator,
    publicChat: row.public_chat,
    originListed: row.origin_listed,
    language: isLanguage(row.language) ? row.language : 'en',
    languages: row.languages,
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
