import { windowOf } from '#domain/webhooks/lane-health.ts';
import type { LaneRef } from '#domain/webhooks/lane-messages.ts';
import { alignBlocked, claimDeliveries } from '#models/webhook/claim.ts';
import { liveSigningKeys } from '#models/webhook/secret.ts';
import type { OpenedSlice } from '#models/webhook/slice.ts';
import { startStopwatch } from '#platform/clock.ts';
import type { SigningKey } from '#platform/webhook-signature.ts';

import { openAttemptLog, type AttemptLog } from './attempt-log.ts';
import { createBell, type Bell } from './bell.ts';
import type { WebhookDeps } from './deps.ts';
import { sendDelivery } from './send-delivery.ts';

const CLAIM_MS = 10_000;
const LINGER_MS = 2000;
const LOOK_MS = 250;
const SHUTDOWN_WAIT_MS = 20_000;

export interface Slice {
  lane: LaneRef;
  token: string;
  opened: OpenedSlice;
  /** Stop claiming, let what is in flight come back. */
  stop: AbortSignal;
}

/** A sliding window over the lane's due rows: each answer makes room for the next claim, no batch is waited for. */
export async function drainLane(deps: WebhookDeps, slice: Slice): Promise<void> {
  const { lane, token, opened, stop } = slice;
  const bell = createBell();
  const log = openAttemptLog({ knex: deps.knex, lane, token, ...opened, onRecorded: bell.ring });
  const keys = await liveSigningKeys(deps.knex, lane.tenantId, { endpointId: lane.endpointId, keyRing: deps.keyRing });
  if (keys === null) deps.logger.error({ endpoint: lane.endpointId }, 'webhook signing key cannot be opened');
  const inFlight = new Set<Promise<void>>();
  const unlisten = deps.wakeBoard.listen(lane.endpointId, bell.ring);
  stop.addEventListener('abort', bell.ring);
  try {
    await claimWhileUseful(deps, slice, { log, bell, keys, inFlight });
    await settleWithin(inFlight, SHUTDOWN_WAIT_MS, stop);
    await log.flush();
  } finally {
    unlisten();
    stop.removeEventListener('abort', bell.ring);
  }
}

interface Window {
  log: AttemptLog;
  bell: Bell;
  keys: readonly SigningKey[] | null;
  inFlight: Set<Promise<void>>;
}

interface ClaimWindow extends Window {
  free: number;
  /** Whether anything happened since the last look. */
  news: boolean;
}

/** Until the time is up, the receiver needs a rest, or nothing came for a while. */
async function claimWhileUseful(deps: WebhookDeps, slice: Slice, window: Window): Promise<void> {
  const { log, bell, inFlight } = window;
  const lingerMs = deps.lingerMs ?? LINGER_MS;
  const whole = startStopwatch();
  let sinceLastRow = startStopwatch();
  let news = true;
  while (whole.elapsedMs() < CLAIM_MS && log.mayGoOn() && !slice.stop.aborted) {
    const open = windowOf(log.health());
    // A lane at rest has its time to come back on record; its workflow sleeps until then.
    if (open === 0) return;
    const free = open - inFlight.size;
    const claimed = free > 0 ? await claimInto(deps, slice, { ...window, free, news }) : 0;
    if (claimed > 0 || inFlight.size > 0) sinceLastRow = startStopwatch();
    else if (sinceLastRow.elapsedMs() > lingerMs) return;
    // Results ring when they are recorded, not one by one: a claim per batch keeps the statements few.
    news = await bell.rungWithin(LOOK_MS);
  }
}

async function claimInto(deps: WebhookDeps, slice: Slice, window: ClaimWindow): Promise<number> {
  const { lane, token } = slice;
  const { log, keys, inFlight, free, news } = window;
  const claimed = await claimDeliveries(deps.knex, lane, { token, free });
  // Fewer than asked for: what else is due waits for a row before it, and takes that row's time.
  if (claimed.length < free && news) await alignBlocked(deps.knex, lane);
  for (const delivery of claimed) {
    const sending = sendDelivery(deps, { endpointId: lane.endpointId, delivery, keys })
      .then((attempt) => {
        deps.countAttempt?.(attempt.verdict.lane.kind);
        log.add(attempt);
      })
      // Its lease ends with the slice, and it is sent again.
      .catch((error: unknown) => deps.logger.error({ error, delivery: delivery.id }, 'webhook send broke'))
      .finally(() => inFlight.delete(sending));
    inFlight.add(sending);
  }
  return claimed.length;
}

/** A request ends by its own deadline; only a process that is going away has less patience than that. */
async function settleWithin(inFlight: ReadonlySet<Promise<void>>, waitMs: number, stop: AbortSignal): Promise<void> {
  const all = Promise.allSettled(inFlight);
  if (!stop.aborted) {
    await Promise.race([all, new Promise((resolve) => stop.addEventListener('abort', resolve, { once: true }))]);
  }
  if (!stop.aborted) return;
  const patience = createBell();
  void all.then(patience.ring);
  await patience.rungWithin(waitMs);
}
