import type { Knex } from 'knex';

import { toUuid } from '#domain/ids.ts';
import type { LaneHealth } from '#domain/webhooks/lane-health.ts';
import type { LaneRef } from '#domain/webhooks/lane-messages.ts';
import type { Verdict } from '#domain/webhooks/verdict.ts';
import { retryOnConflict } from '#platform/database.ts';

export interface RecordedAttempt {
  deliveryId: string;
  n: number;
  trigger: string;
  verdict: Verdict;
  startedAt: Date;
  durationMs: number;
  httpStatus: number | null;
  remoteIp: string | null;
  bodySha256: string;
  /** Without signatures. */
  requestHeaders: Readonly<Record<string, string>>;
  responseHeaders: Readonly<Record<string, string>> | null;
  responseBody: string | null;
  truncated: boolean;
}

export interface LaneReport {
  health: LaneHealth;
  succeeded: boolean;
  failuresSinceSuccess: number;
  gone: boolean;
}

/**
 * Many results in one transaction: the attempts, what they mean for their deliveries, and how the lane is doing. A
 * delivery whose lease another slice took over keeps its state, and the attempt is on record as not counted. True =
 * the lane is still ours.
 */
export async function recordAttempts(
  knex: Knex,
  lane: LaneRef,
  { token, attempts, report }: { token: string; attempts: readonly RecordedAttempt[]; report: LaneReport },
): Promise<boolean> {
  const key = { tenantId: lane.tenantId, endpointId: toUuid(lane.endpointId), token };
  const results = JSON.stringify(attempts.map(toRow));
  return retryOnConflict(() =>
    knex.transaction(async (trx) => {
      await trx.raw(MOVE_AND_LOG, { ...key, results });
      if (attempts.some(({ verdict }) => verdict.state !== 'pending')) await trx.raw(RELEASE_NEXT, { ...key, results });
      const kept = await trx.raw<{ rowCount: number }>(UPDATE_LANE, { ...key, ...laneBindings(report) });
      if (report.gone && kept.rowCount === 1) await trx.raw(DISABLE_GONE, key);
      return kept.rowCount === 1;
    }),
  );
}

function toRow({ verdict, ...attempt }: RecordedAttempt) {
  return {
    id: attempt.deliveryId,
    n: attempt.n,
    trigger: attempt.trigger,
    state: verdict.state,
    counted: verdict.counted,
    wait_ms: verdict.waitMs,
    error_code: verdict.errorCode,
    started_at: attempt.startedAt.toISOString(),
    duration_ms: attempt.durationMs,
    http_status: attempt.httpStatus,
    remote_ip: attempt.remoteIp,
    body_sha256: attempt.bodySha256,
    request_headers: attempt.requestHeaders,
    response_headers: attempt.responseHeaders,
    response_body: attempt.responseBody,
    truncated: attempt.truncated,
  };
}

function laneBindings({ health, succeeded, failuresSinceSuccess }: LaneReport) {
  return {
    breaker: health.breaker,
    probeInMs: health.probeInMs,
    parkMs: health.parkMs,
    concurrency: health.concurrency,
    consecutiveFailures: health.consecutiveFailures,
    succeeded,
    failures: failuresSinceSuccess,
  };
}

const RESULTS = `
  jsonb_to_recordset(:results::jsonb) as result (id bigint, n integer, trigger text, state text, counted boolean,
    wait_ms bigint, error_code text, started_at timestamptz, duration_ms integer, http_status integer, remote_ip text,
    body_sha256 text, request_headers jsonb, response_headers jsonb, response_body text, truncated boolean)`;

const MOVE_AND_LOG = `
  with result as (
    select result.id, result.n, result.trigger, result.state, result.counted, result.wait_ms, result.error_code,
      result.started_at, result.duration_ms, result.http_status, result.remote_ip, result.body_sha256,
      result.request_headers, result.response_headers, result.response_body, result.truncated
    from ${RESULTS}
  ), moved as (
    update webhook_delivery set
      state = result.state,
      attempts = webhook_delivery.attempts + result.counted::integer,
      tries = webhook_delivery.tries + result.counted::integer,
      throttles = webhook_delivery.throttles + (not result.counted)::integer,
      next_at = case when result.state = 'pending' then now() + result.wait_ms * interval '1 millisecond'
        else webhook_delivery.next_at end,
      last_status = result.http_status, last_error = result.error_code,
      lease_token = null, lease_until = null,
      finished_at = case when result.state <> 'pending' then now() end
    from result
    where webhook_delivery.tenant_id = :tenantId and webhook_delivery.id = result.id
      and webhook_delivery.state = 'leased' and webhook_delivery.lease_token = :token
    returning webhook_delivery.id
  )
  insert into webhook_attempt (tenant_id, delivery_id, n, counted, started_at, duration_ms, http_status, error_code,
    remote_ip, body_sha256, request_headers, response_headers, response_body, truncated, trigger)
  select :tenantId, result.id, result.n, result.counted and moved.id is not null, result.started_at,
    result.duration_ms, result.http_status, result.error_code, result.remote_ip, result.body_sha256,
    result.request_headers, result.response_headers, result.response_body, result.truncated, result.trigger
  from result left join moved on moved.id = result.id`;

// The row behind one that ended was aligned to it and never tried: nothing holds it back any more.
const RELEASE_NEXT = `
  update webhook_delivery set next_at = now()
  from ${RESULTS}
  join webhook_delivery as ended on ended.tenant_id = :tenantId and ended.id = result.id
    and ended.state in ('delivered', 'exhausted')
  cross join lateral (
    select waiting.id from webhook_delivery as waiting
    where waiting.tenant_id = :tenantId and waiting.endpoint_id = :endpointId
      and waiting.session_id = ended.session_id and waiting.seq > ended.seq and waiting.state in ('pending', 'leased')
    order by waiting.seq limit 1
  ) as first
  where webhook_delivery.tenant_id = :tenantId and webhook_delivery.id = first.id
    and webhook_delivery.state = 'pending' and webhook_delivery.tries = 0 and webhook_delivery.throttles = 0
    and webhook_delivery.next_at > now()`;

const UPDATE_LANE = `
  update webhook_lane set
    breaker = :breaker,
    probe_at = now() + :probeInMs::integer * interval '1 millisecond',
    parked_until = now() + :parkMs::integer * interval '1 millisecond',
    concurrency = :concurrency,
    consecutive_failures = :consecutiveFailures,
    failed_attempts = case when :succeeded then 0 else webhook_lane.failed_attempts end + :failures,
    first_failure_at = case
      when :failures = 0 then case when :succeeded then null else webhook_lane.first_failure_at end
      else coalesce(case when :succeeded then null else webhook_lane.first_failure_at end, now()) end,
    last_failure_at = case when :failures > 0 then now() else webhook_lane.last_failure_at end,
    last_success_at = case when :succeeded then now() else webhook_lane.last_success_at end
  where webhook_lane.tenant_id = :tenantId and webhook_lane.endpoint_id = :endpointId
    and webhook_lane.slice_token = :token`;

const DISABLE_GONE = `
  update webhook_endpoint set status = 'disabled', status_reason = 'gone'
  where webhook_endpoint.tenant_id = :tenantId and webhook_endpoint.id = :endpointId
    and webhook_endpoint.status = 'enabled' and :token::uuid is not null`;
