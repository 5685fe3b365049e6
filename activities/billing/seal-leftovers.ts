import { findUnsealed } from '#models/credit-ledger/seal-pass.ts';

import { sealTenants } from './seal-tenants.ts';
import type { SealDeps } from './seal-tenants.ts';

const TENANTS_A_PASS = 64;

/** For the sweeper: seals what the loop of a dead process left. One query when nothing is left. */
export async function sealLeftovers(deps: SealDeps): Promise<number> {
  const tenantIds = await findUnsealed(deps.knex, { limit: TENANTS_A_PASS });
  if (tenantIds.length === 0) return 0;
  const { sealedCount } = await sealTenants(deps, { tenantIds, wait: false });
  return sealedCount;
}
