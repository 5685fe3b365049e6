import { setTimeout as sleep } from 'node:timers/promises';

import type { Client } from '@temporalio/client';
import type { Knex } from 'knex';

import { isId, type EndpointId } from '#domain/ids.ts';
import {
  LANE_WAKE_SIGNAL,
  LANE_WORKFLOW_TYPE,
  laneWorkflowId,
  WEBHOOK_TASK_QUEUE,
  type LaneRef,
} from '#domain/webhooks/lane-messages.ts';
import { stampPositions } from '#models/outbox/stamp-positions.ts';
import { takeLanesToWake } from '#models/webhook/due-lanes.ts';
import type { Clock } from '#platform/clock.ts';
import { listen } from '#platform/doorbell.ts';
import type { Logger } from '#platform/logger.ts';

import type { WakeBoard } from './wake-board.ts';

export interface RelayDeps {
  knex: Knex;
  /** A session connection: LISTEN does not go through a transaction pooler. */
  listenUrl: string;
  temporal: Client;
  wakeBoard: WakeBoard;
  clock: Clock;
  logger: Logger;
}

const WAKE_DEADLINE_MS = 5000;
const POLL_MS = 1000;
const WAKE_AT_ONCE = 50;

/** From the doorbell, or a look each second, to the endpoint's workflow. A lost ring or signal costs that second. */
export function startRelayLoop(deps: RelayDeps): { stop(): Promise<void> } {
  const { knex, listenUrl, wakeBoard, logger } = deps;
  const stopping = new AbortController();
  const rung = new Set<EndpointId>();
  let relaying: Promise<void> | null = null;

  const ear = listen({
    url: listenUrl,
    channels: ['webhook_due'],
    logger,
    onRing(_channel, payload) {
      wakeBoard.ring(isId('whk', payload) ? payload : '*');
      if (!isId('whk', payload)) return;
      rung.add(payload);
      // One pass at a time; what rings meanwhile goes with the next.
      relaying ??= relayRung().finally(() => {
        relaying = null;
      });
    },
  });

  async function relayRung(): Promise<void> {
    while (rung.size > 0 && !stopping.signal.aborted) {
      const endpointIds = [...rung];
      rung.clear();
      await guarded(async () => wakeLanes(deps, await takeLanesToWake(knex, endpointIds)));
    }
  }

  async function poll(): Promise<void> {
    while (!stopping.signal.aborted) {
      await guarded(async () => {
        await wakeLanes(deps, await takeLanesToWake(knex, null));
        await stampPositions(knex);
      });
      await sleep(POLL_MS, undefined, { signal: stopping.signal }).catch(() => undefined);
    }
  }

  async function guarded(pass: () => Promise<unknown>): Promise<void> {
    try {
      await pass();
    } catch (error) {
      // The rows are still due: the next look finds them.
      logger.warn({ error }, 'webhook relay pass failed');
    }
  }

  const polling = poll();
  return {
    async stop() {
      stopping.abort();
      await ear.close();
      await Promise.all([polling, relaying]);
    },
  };
}

/** Starts or wakes the workflow of each lane. A Temporal that hangs is given up on, for the rows wait anyway. */
export async function wakeLanes(
  { temporal, clock }: Pick<RelayDeps, 'temporal' | 'clock'>,
  lanes: readonly LaneRef[],
): Promise<void> {
  for (let from = 0; from < lanes.length; from += WAKE_AT_ONCE) {
    const some = lanes.slice(from, from + WAKE_AT_ONCE);
    await temporal.withDeadline(clock.now().getTime() + WAKE_DEADLINE_MS, () =>
      Promise.all(some.map((lane) => wakeLane(temporal, lane))),
    );
  }
}

async function wakeLane(temporal: Client, lane: LaneRef): Promise<void> {
  await temporal.workflow.signalWithStart(LANE_WORKFLOW_TYPE, {
    workflowId: laneWorkflowId(lane.endpointId),
    taskQueue: WEBHOOK_TASK_QUEUE,
    args: [lane],
    signal: LANE_WAKE_SIGNAL,
    signalArgs: [],
    priority: { fairnessKey: lane.tenantId },
  });
}
