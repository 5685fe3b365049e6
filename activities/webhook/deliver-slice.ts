import { Context } from '@temporalio/activity';

import type { LaneRef, SliceRest } from '#domain/webhooks/lane-messages.ts';
import { closeSlice, openSlice } from '#models/webhook/slice.ts';
import { newUuid } from '#platform/new-id.ts';

import type { WebhookDeps } from './deps.ts';
import { drainLane } from './drain-lane.ts';

const HEARTBEAT_MS = 2000;

/**
 * Sends what is due on one lane for a while and tells what is left. The truth is in PostgreSQL, so a slice may die at
 * any point: the next one takes the lane under its own token and goes on.
 */
export function deliverSliceActivity(deps: WebhookDeps) {
  return async function deliverSlice(lane: LaneRef): Promise<SliceRest> {
    const context = Context.current();
    const heartbeat = setInterval(() => context.heartbeat(), HEARTBEAT_MS);
    try {
      return await runSlice(deps, lane, context.cancellationSignal);
    } finally {
      clearInterval(heartbeat);
    }
  };
}

/** Ends by itself even when it is cancelled: leases are given back, and the next slice runs wherever a worker is. */
export async function runSlice(deps: WebhookDeps, lane: LaneRef, stop: AbortSignal): Promise<SliceRest> {
  const token = newUuid();
  const opened = await openSlice(deps.knex, lane, token);
  if (opened === null) return { dueInMs: 0, open: false };
  try {
    await drainLane(deps, { lane, token, opened, stop });
  } catch (error) {
    // Given back before the failure is reported, so that the retry need not wait for the leases to run out.
    await closeSlice(deps.knex, lane, token);
    throw error;
  }
  return closeSlice(deps.knex, lane, token);
}
