import type { Knex } from 'knex';

import { toUuid, type SessionId, type TenantId } from '#domain/ids.ts';

export interface FeedQuery {
  /** One session's events, by `seq`; null = all events of the tenant, by position. */
  sessionId: SessionId | null;
  after: number;
  type: string | null;
  limit: number;
}

export interface FeedPage {
  /** Exactly the stored bytes: what a webhook request carries. */
  bodies: string[];
  nextAfter: number;
  hasMore: boolean;
}

/** What a receiver would have got, for whoever was away. */
export async function readFeed(knex: Knex, tenantId: TenantId, query: FeedQuery): Promise<FeedPage> {
  const { rows } = await knex.raw<{ rows: { body: string; place: string | number }[] }>(
    query.sessionId === null ? BY_POSITION : BY_SEQ,
    {
      tenantId,
      after: query.after,
      type: query.type,
      limit: query.limit + 1,
      ...(query.sessionId === null ? {} : { sessionId: toUuid(query.sessionId) }),
    },
  );
  const page = rows.slice(0, query.limit);
  return {
    bodies: page.map(({ body }) => body),
    nextAfter: Number(page.at(-1)?.place ?? query.after),
    hasMore: rows.length > query.limit,
  };
}

const BY_POSITION = `
  select webhook_event.body, webhook_event.pos as place from webhook_event
  where webhook_event.tenant_id = :tenantId and webhook_event.pos > :after
    and (:type::text is null or webhook_event.type = :type)
  order by webhook_event.pos limit :limit`;

const BY_SEQ = `
  select webhook_event.body, webhook_event.seq as place from webhook_event
  where webhook_event.tenant_id = :tenantId and webhook_event.session_id = :sessionId
    and webhook_event.seq > :after::bigint
    and (:type::text is null or webhook_event.type = :type)
  order by webhook_event.seq limit :limit`;
