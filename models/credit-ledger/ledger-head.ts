import type { Knex } from 'knex';

import type { LedgerHead } from '#domain/credits/ledger-document.ts';
import type { TenantId } from '#domain/ids.ts';

export interface HeadRow {
  tenant_id: TenantId;
  seq: string;
  hash: string;
  balance_mc: string;
  sealed_at: Date;
}

export const HEAD_COLUMNS = `h.tenant_id, h.seq, h.hash, h.balance_mc, h.sealed_at`;

export function readHead(row: HeadRow): LedgerHead {
  return {
    tenantId: row.tenant_id,
    seq: Number(row.seq),
    hash: row.hash,
    balanceMillicredits: BigInt(row.balance_mc),
    sealedAt: row.sealed_at,
  };
}

/** Whoever appends to a ledger, or locks two or more grants, holds this lock first. */
export async function lockHead(trx: Knex.Transaction, tenantId: TenantId): Promise<LedgerHead> {
  const { rows } = await trx.raw<{ rows: HeadRow[] }>(
    `select ${HEAD_COLUMNS} from ledger_head h where h.tenant_id = ? for no key update`,
    [tenantId],
  );
  const [row] = rows;
  if (row === undefined) throw new Error(`tenant ${tenantId} has no ledger`);
  return readHead(row);
}
