import type { Knex } from 'knex';

import type { EndpointId, TenantId } from '#domain/ids.ts';
import { sealPass } from '#models/credit-ledger/seal-pass.ts';
import type { Clock } from '#platform/clock.ts';
import { retryOnConflict, sqlStateOf } from '#platform/database.ts';
import type { Logger } from '#platform/logger.ts';

export interface SealDeps {
  knex: Knex;
  clock: Clock;
  logger: Logger;
  /** Tells the webhook lanes, after the commit, that an event waits. */
  ringEndpoints: (endpointIds: readonly EndpointId[]) => void;
}

export interface SealOutcome {
  sealedCount: number;
  /** Tenants whose ledger was in use. */
  skipped: TenantId[];
  /** A pass was full: more rows wait. */
  isFull: boolean;
}

interface TenantsToSeal {
  tenantIds: readonly TenantId[];
  /** Wait for a ledger in use, up to a second, instead of leaving it for the next pass. */
  wait: boolean;
}

const LOCK_NOT_AVAILABLE = '55P03';
const NOTHING: SealOutcome = { sealedCount: 0, skipped: [], isFull: false };

/** One pass over these tenants. When it fails it is repeated tenant by tenant: a bad one stops only itself. */
export async function sealTenants(deps: SealDeps, { tenantIds, wait }: TenantsToSeal): Promise<SealOutcome> {
  try {
    const request = { tenantIds, wait, at: deps.clock.now() };
    const report = await retryOnConflict(() => sealPass(deps.knex, request));
    deps.ringEndpoints(report.endpointIds);
    const { sealedCount, writeoffMillicredits } = report;
    if (writeoffMillicredits > 0n) {
      deps.logger.warn({ writeoffMillicredits: String(writeoffMillicredits) }, 'charges that no grant covered');
    }
    return { sealedCount, skipped: [...report.skipped], isFull: report.isFull };
  } catch (error) {
    const [tenantId] = tenantIds;
    if (tenantIds.length !== 1 || tenantId === undefined) return sealOneByOne(deps, { tenantIds, wait });
    if (sqlStateOf(error) === LOCK_NOT_AVAILABLE) return { ...NOTHING, skipped: [tenantId] };
    deps.logger.error({ error, tenantId }, 'ledger not sealed');
    return NOTHING;
  }
}

async function sealOneByOne(deps: SealDeps, { tenantIds, wait }: TenantsToSeal): Promise<SealOutcome> {
  const whole: SealOutcome = { sealedCount: 0, skipped: [], isFull: false };
  for (const tenantId of tenantIds) {
    const one = await sealTenants(deps, { tenantIds: [tenantId], wait });
    whole.sealedCount += one.sealedCount;
    whole.skipped.push(...one.skipped);
    whole.isFull ||= one.isFull;
  }
  return whole;
}
