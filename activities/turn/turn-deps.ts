import type { ReplyChunk, TurnAnswer } from '#domain/turn.ts';
import type { EndpointId } from '#domain/ids.ts';
import type { CreditLedger } from '#models/credit-ledger/create-credit-ledger.ts';
import type { Clock } from '#platform/clock.ts';
import type { Llm } from '#platform/llm.ts';
import type { Logger } from '#platform/logger.ts';
import type { Knex } from 'knex';

import type { StopBoard } from './stop-board.ts';

/** The installation's own model: what a persona with the model `default` speaks with, and what it is charged as. */
export interface InstalledModel {
  sku: string;
  name: string;
}

/** What a turn needs from outside; made once per worker process. */
export interface TurnDeps {
  knex: Knex;
  /** Connections of their own for released text: what is lost of it in a crash is not missed. */
  stream: Knex;
  ledger: CreditLedger;
  llm: Llm;
  model: InstalledModel;
  clock: Clock;
  logger: Logger;
  /** This process's mark on the leases it holds. */
  leaseToken: string;
  stopBoard: StopBoard;
  /** While a turn waits for others (a model, a lease, a pause), the worker may begin another one. */
  aside<T>(wait: () => Promise<T>): Promise<T>;
  /** Called after the commit: the answer goes to whoever waits, and due webhooks are rung. */
  announce(answer: TurnAnswer, endpointIds: readonly EndpointId[]): void;
  /** Called for each piece of text once it is stored: it goes to whoever reads along. */
  showText(chunk: ReplyChunk): void;
}
