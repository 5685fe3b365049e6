import { collectDefaultMetrics, Counter, Gauge as FigureNow, Histogram, Registry } from 'prom-client';

import type { Outcome } from '#domain/turn.ts';
import type { LaneNews } from '#domain/webhooks/verdict.ts';

export interface RequestFacts {
  method: string;
  /** The route's pattern, never the path that was asked for: patterns are few and hold nothing of a caller. */
  route: string;
  status: number;
  elapsedMs: number;
}

export interface Metrics {
  countRequest(request: RequestFacts): void;
  countTurn(outcome: Outcome): void;
  countWebhookAttempt(result: LaneNews['kind']): void;
  /** A figure that is read when it is asked for. */
  gauge(gauge: Gauge): void;
  /** Everything, as Prometheus reads it. */
  render(): Promise<string>;
}

export interface Gauge {
  name: string;
  help: string;
  read: () => number;
}

export const METRICS_TYPE = Registry.PROMETHEUS_CONTENT_TYPE;

const METHODS = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS']);
const BUCKETS_S = [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30];
const EVENT_LOOP_LOOK_MS = 50;

let ofProcess: Registry | null = null;

/** Counts of this process since its start. Label sets are bounded: methods, route patterns, status codes, outcomes. */
export function createMetrics(): Metrics {
  const registry = new Registry();
  const requests = requestFigures(registry);
  const turns = new Counter({
    name: 'bob_turns_total',
    help: 'Turns that came to their end in this process',
    labelNames: ['outcome'],
    registers: [registry],
  });
  const attempts = new Counter({
    name: 'bob_webhook_attempts_total',
    help: 'Requests sent to webhook receivers',
    labelNames: ['result'],
    registers: [registry],
  });
  const shared = (ofProcess ??= processFigures());

  return {
    countRequest: requests.count,
    countTurn: (outcome) => turns.inc({ outcome }),
    countWebhookAttempt: (result) => attempts.inc({ result }),
    gauge: (gauge) => register(registry, gauge),
    render: () => Registry.merge([registry, shared]).metrics(),
  };
}

function requestFigures(registry: Registry): { count(request: RequestFacts): void } {
  const requests = new Counter({
    name: 'bob_http_requests_total',
    help: 'Requests answered',
    labelNames: ['method', 'route', 'status'],
    registers: [registry],
  });
  const durations = new Histogram({
    name: 'bob_http_request_duration_seconds',
    help: 'From the request to the end of its answer',
    labelNames: ['method', 'route'],
    buckets: BUCKETS_S,
    registers: [registry],
  });
  return {
    count({ method: given, route, status, elapsedMs }) {
      const method = METHODS.has(given) ? given : 'other';
      requests.inc({ method, route, status });
      durations.observe({ method, route }, elapsedMs / 1000);
    },
  };
}

/** Memory, CPU and event loop are the process's: watched once, however many ask here. */
function processFigures(): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry, eventLoopMonitoringPrecision: EVENT_LOOP_LOOK_MS });
  let before = performance.eventLoopUtilization();
  register(registry, {
    name: 'bob_event_loop_utilization',
    help: 'Share of the time that the event loop was busy, since the last look',
    read() {
      const now = performance.eventLoopUtilization();
      const { utilization } = performance.eventLoopUtilization(now, before);
      before = now;
      return utilization;
    },
  });
  return registry;
}

function register(registry: Registry, { name, help, read }: Gauge): void {
  const figure: FigureNow = new FigureNow({ name, help, registers: [registry], collect: () => figure.set(read()) });
}
