import type { BobProcess } from '../fixtures/bob-process.ts';
import type { ChatClient, Operation } from './chat-client.ts';
import type { LoadShape } from './chat-load.ts';
import type { ProductApart } from './product-apart.ts';
import type { SeededRandom } from './seeded-random.ts';

/** What a fault works with: a product under load, times from the seed, and a list for what must not be. */
export interface Scene {
  product: ProductApart;
  client: ChatClient;
  random: SeededRandom;
  seconds: number;
  /** The worker that runs now; whoever kills it puts the next one here. */
  worker: BobProcess;
  /** One sentence and, where there are, the first rows. */
  violations: string[];
  victims: Victim[];
  /** Of this fault alone; printed. */
  figures: Record<string, number>;
  /** After the drawn share of the load's time. */
  later(fromShare: number, toShare: number): Promise<void>;
  hit(name: string): void;
}

export interface Victim {
  name: string;
  atMs: number;
}

export interface Fault {
  id: string;
  title: string;
  /** Where the fault needs another load than 16 conversations; null brings its own in `strike`. */
  load?: Partial<LoadShape> | null;
  model?: string;
  /** Outcomes an answer may have here; `answered` alone without it. */
  outcomes?: readonly string[];
  /** Breaks something while the load runs. */
  strike(scene: Scene): Promise<void>;
  /** Whatever this fault demands beyond the invariants, once all has settled. */
  expect?(scene: Scene, operations: readonly Operation[]): Promise<void>;
}

export interface FaultRun {
  fault: Fault;
  seed: number;
  seconds: number;
  sessions?: number;
  product: ProductApart;
  worker: BobProcess;
  /** Letters: tells the messages of runs on one product apart. */
  name?: string;
}
