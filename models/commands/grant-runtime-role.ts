import type { Knex } from 'knex';

/** What may only ever be added to; the product's own role cannot even try to change it. */
const APPEND_ONLY = [
  'audit_event',
  'turn_receipt',
  'usage_line',
  'provider_attempt',
  'ledger_tx',
  'ledger_entry',
  'credit_alert',
  'pricebook_version',
];

/**
 * Lets the role the product runs as read and write, but own nothing. Run as the owner after each migration; with one
 * URL for both there is nothing to grant, and only the triggers protect what is append-only.
 */
export async function grantRuntimeRole(owner: Knex, role: string): Promise<void> {
  const { rows } = await owner.raw<{ rows: { is_owner: boolean }[] }>(`select current_user = ? as is_owner`, [role]);
  if (rows[0]?.is_owner === true) return;
  await owner.raw(`grant usage on schema public to ??`, [role]);
  await owner.raw(`grant select, insert, update, delete on all tables in schema public to ??`, [role]);
  await owner.raw(`grant usage, select on all sequences in schema public to ??`, [role]);
  for (const table of APPEND_ONLY) await owner.raw(`revoke update, delete on ?? from ??`, [table, role]);
}
