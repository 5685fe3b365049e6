import type { TenantId } from '#domain/ids.ts';

import { sealLeftovers } from './seal-leftovers.ts';
import { sealTenants } from './seal-tenants.ts';
import type { SealDeps } from './seal-tenants.ts';

export interface SealLoop {
  /** A turn of this tenant has ended and is committed. */
  poke(tenantId: TenantId): void;
  /** Seals what was poked and ends. */
  stop(): Promise<void>;
}

const PASS_EVERY_MS = 50;
const TENANTS_A_PASS = 64;
const SKIPS_BEFORE_WAIT = 3;

/** A pass every 50 ms while turns end, no query while none does. It starts with what a dead process left behind. */
export function startSealLoop(deps: SealDeps & { everyMs?: number }): SealLoop {
  const poked = new Set<TenantId>();
  const skips = new Map<TenantId, number>();
  let timer: NodeJS.Timeout | null = null;
  let isStopped = false;
  let passing: Promise<void> = drainLeftovers(deps);

  function schedule(): void {
    if (isStopped || timer !== null || poked.size === 0) return;
    timer = setTimeout(() => {
      passing = passing.then(pass).finally(() => {
        timer = null;
        schedule();
      });
    }, deps.everyMs ?? PASS_EVERY_MS);
  }

  async function pass(): Promise<void> {
    const tenantIds = [...poked].slice(0, TENANTS_A_PASS);
    for (const tenantId of tenantIds) poked.delete(tenantId);
    // A ledger that was in use three times is waited for, or a busy neighbour would starve it.
    const patient = tenantIds.filter((tenantId) => (skips.get(tenantId) ?? 0) >= SKIPS_BEFORE_WAIT);
    const quick = tenantIds.filter((tenantId) => !patient.includes(tenantId));
    await passOver(quick, false);
    for (const tenantId of patient) await passOver([tenantId], true);
  }

  async function passOver(tenantIds: readonly TenantId[], wait: boolean): Promise<void> {
    if (tenantIds.length === 0) return;
    const { skipped, isFull } = await sealTenants(deps, { tenantIds, wait });
    for (const tenantId of tenantIds) {
      const isSkipped = skipped.includes(tenantId);
      if (isSkipped) skips.set(tenantId, (skips.get(tenantId) ?? 0) + 1);
      else skips.delete(tenantId);
      if (isSkipped || isFull) poked.add(tenantId);
    }
  }

  return {
    poke(tenantId) {
      poked.add(tenantId);
      schedule();
    },
    async stop() {
      isStopped = true;
      if (timer !== null) clearTimeout(timer);
      await passing;
      await pass();
    },
  };
}

async function drainLeftovers(deps: SealDeps): Promise<void> {
  try {
    while ((await sealLeftovers(deps)) > 0);
  } catch (error) {
    // The sweeper asks again in a few seconds.
    deps.logger.warn({ error }, 'leftovers not sealed');
  }
}
