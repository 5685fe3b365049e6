import type { Knex } from 'knex';

import { toId, toUuid, type SessionId, type TenantId, type TurnId } from '#domain/ids.ts';
import type { WaivedReason } from '#domain/usage.ts';

export interface UsageLine {
  docId: string;
  turnId: TurnId;
  pos: number;
  at: Date;
  sku: string;
  pools: Record<string, number>;
  rates: Record<string, number>;
  pricebookVersion: number;
  amountMillicredits: bigint;
  waived: WaivedReason | null;
  estimated: boolean;
  providerRequestId: string | null;
  /** Null until the turn is sealed. */
  ledgerSeq: number | null;
}

export interface LineFilter {
  /** Ours, or the hash of the client's own id: its latest session. */
  session: { id: SessionId | null; clientIdHash: string } | null;
  turnId: TurnId | null;
  after: { docId: string; pos: number } | null;
  limit: number;
}

interface LineRow {
  doc_id: string;
  turn_id: string;
  pos: number;
  at: Date;
  sku: string;
  pools: Record<string, number>;
  rates: Record<string, number>;
  pricebook_version: number;
  amount_mc: string;
  waived: WaivedReason | null;
  estimated: boolean;
  provider_request_id: string | null;
  ledger_seq: string | null;
}

/** The newest turn first, its lines in order. Turn ids grow with time, so the key is the order. */
export async function listUsageLines(knex: Knex, tenantId: TenantId, filter: LineFilter): Promise<UsageLine[]> {
  const { session, turnId, after } = filter;
  const { rows } = await knex.raw<{ rows: LineRow[] }>(linesSql(filter), {
    tenantId,
    limit: filter.limit,
    turnId: turnId === null ? null : toUuid(turnId),
    sessionId: session === null || session.id === null ? null : toUuid(session.id),
    clientIdHash: session?.clientIdHash ?? null,
    afterDoc: after?.docId ?? null,
    afterPos: after?.pos ?? null,
  });
  return rows.map(readLine);
}

function readLine(row: LineRow): UsageLine {
  return {
    docId: row.doc_id,
    turnId: toId('trn', row.turn_id),
    pos: row.pos,
    at: row.at,
    sku: row.sku,
    pools: row.pools,
    rates: row.rates,
    pricebookVersion: row.pricebook_version,
    amountMillicredits: BigInt(row.amount_mc),
    waived: row.waived,
    estimated: row.estimated,
    providerRequestId: row.provider_request_id,
    ledgerSeq: row.ledger_seq === null ? null : Number(row.ledger_seq),
  };
}

const OF_SESSION = `
  and l.session_id = (
    select s.id from chat_session s
    where s.tenant_id = :tenantId and (s.id = cast(:sessionId as uuid) or s.client_id_hash = :clientIdHash)
    order by (s.id = cast(:sessionId as uuid)) desc nulls last, s.last_at desc limit 1)`;
const AFTER = `and (l.doc_id < :afterDoc or (l.doc_id = :afterDoc and l.pos > :afterPos))`;

function linesSql({ session, turnId, after }: LineFilter): string {
  return `
    select l.doc_id, l.turn_id, l.pos, l.at, l.sku, l.pools, l.rates, l.pricebook_version, l.amount_mc, l.waived,
      l.estimated, l.provider_request_id, t.seq as ledger_seq
    from usage_line l
    left join ledger_tx t on t.tenant_id = l.tenant_id and t.doc_id = l.doc_id and t.kind in ('settle', 'release')
    where l.tenant_id = :tenantId
      ${turnId === null ? '' : 'and l.turn_id = :turnId'}
      ${session === null ? '' : OF_SESSION}
      ${after === null ? '' : AFTER}
    order by l.doc_id desc, l.pos limit :limit`;
}
