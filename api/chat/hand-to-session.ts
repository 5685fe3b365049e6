import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from '@temporalio/client';

import { sessionHandover, type HandedTurn, type SessionSettings } from '#domain/session-handover.ts';
import { handOver, handOverFirst, handOverNext } from '#platform/hand-over.ts';
import type { Logger } from '#platform/logger.ts';

export type HandToSession = (turn: HandedTurn) => void;

export interface HandToSessionDeps {
  temporal: Client;
  logger: Logger;
  settings?: SessionSettings;
  /** The worker of this process shares our connection: it can be given a first turn with the start itself. */
  besideWorker?: boolean;
}

/** The first pause is for a hiccup of the connection, the last one for a server that starts again. */
const TRY_AGAIN_MS = [100, 500, 2000];

/**
 * Tells the session's workflow of an accepted turn, without waiting: the answer may be faster than the acknowledgement.
 * What fails here is tried again with the same ids, and after that by the sweeper: the accepted row is the promise.
 */
export function createHandToSession(deps: HandToSessionDeps): HandToSession {
  const { temporal, logger, settings, besideWorker = false } = deps;
  const tellFirst = besideWorker ? handOverFirst : handOver;

  async function tellSession(turn: HandedTurn): Promise<void> {
    const tell = turn.isNew === true ? tellFirst : handOverNext;
    const handover = sessionHandover(turn, settings);
    for (const pauseMs of [...TRY_AGAIN_MS, null]) {
      try {
        return await tell(temporal, handover);
      } catch (error) {
        logger.warn({ error, turnId: turn.turnId, triedAgainInMs: pauseMs }, 'turn not handed to its session');
      }
      if (pauseMs !== null) await sleep(pauseMs, undefined, { ref: false });
    }
    return undefined;
  }
  return (turn) => void tellSession(turn);
}
