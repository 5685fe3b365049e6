import type { Knex } from 'knex';

import { completePolicy, type OperatorPolicy } from '#domain/operator-policy.ts';
import { readOperatorPolicy } from '#models/operator-policy.ts';
import type { Clock } from '#platform/clock.ts';

export interface PolicyReader {
  read(): Promise<OperatorPolicy>;
}

const READ_AGAIN_MS = 5000;
const PUBLISHED = completePolicy({});

/** The operator's policy without a round trip: what was read lately, renewed beside the requests that ask for it. */
export function createPolicyReader({ knex, clock }: { knex: Knex; clock: Clock }): PolicyReader {
  let known: { policy: OperatorPolicy; readAt: number } | null = null;
  let reading: Promise<OperatorPolicy> | null = null;

  async function readNow(): Promise<OperatorPolicy> {
    try {
      const policy = await readOperatorPolicy(knex);
      known = { policy, readAt: clock.now().getTime() };
      return policy;
    } catch {
      // A database that is away is told by whoever needs it; limits hold meanwhile.
      return known?.policy ?? PUBLISHED;
    } finally {
      reading = null;
    }
  }

  return {
    async read() {
      if (known !== null && clock.now().getTime() - known.readAt < READ_AGAIN_MS) return known.policy;
      reading ??= readNow();
      return known?.policy ?? reading;
    },
  };
}

/** A policy that never changes, where no operator is. */
export function fixedPolicy(policy: OperatorPolicy): PolicyReader {
  return { read: async () => policy };
}
