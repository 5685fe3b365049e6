import type { Knex } from 'knex';

import type { TenantId } from '#domain/ids.ts';
import { retryOnConflict } from '#platform/database.ts';

import { openPeriods } from './open-periods.ts';
import { readBalance } from '../read/usage-balance.ts';
import type { UsageBalance } from '../read/usage-balance.ts';

/** A month in which no turn came yet is opened here, so that its credits are shown and not an empty account. */
export async function readCurrentBalance(knex: Knex, tenantId: TenantId, at: Date): Promise<UsageBalance> {
  const balance = await readBalance(knex, tenantId, at);
  if (balance === null) return NO_ACCOUNT;
  if (balance.period !== null) return balance;
  await retryOnConflict(() => knex.transaction((trx) => openPeriods(trx, tenantId, at)));
  return (await readBalance(knex, tenantId, at)) ?? NO_ACCOUNT;
}

const NO_ACCOUNT: UsageBalance = {
  availableMillicredits: 0n,
  settling: { turns: 0, millicredits: 0n },
  period: null,
  grants: [],
};
