import type { TestServers } from '../../test/setup/servers.ts';

export interface GateResult {
  ok: boolean;
  /** Shown only when the gate is red. */
  output: string;
  /** Tests counted one by one; a gate without them counts as one. */
  tests?: { passed: number; failed: number };
}

export interface GateContext {
  /** All tests in full, planted faults and journeys too: what `npm test` adds to `npm run check`. */
  all: boolean;
  /** PostgreSQL and Temporal of this run, started at the first use and shared. */
  servers(): Promise<TestServers>;
}

export interface Gate {
  name: string;
  run(context: GateContext): Promise<GateResult>;
}
