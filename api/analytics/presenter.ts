import type { BusinessMetrics as BusinessMetricsView, Overview } from '#contract/analytics.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import type { AnalyticsOverview, DayFigures, OverviewOf } from '#models/read/analytics-overview.ts';
import type { BusinessMetrics } from '#models/read/business-metrics.ts';

export function presentOverview({ totals, byDay }: AnalyticsOverview, { from, to, timeZone }: OverviewOf): Overview {
  return {
    from,
    to,
    time_zone: timeZone,
    totals: presentFigures(totals),
    by_day: byDay.map(({ day, ...figures }) => ({ day, ...presentFigures(figures) })),
  };
}

function presentFigures(figures: DayFigures): Overview['totals'] {
  return {
    sessions: figures.sessions,
    turns: figures.turns,
    outcomes: figures.outcomes,
    handoffs: figures.handoffs,
    response_time: { p50_ms: figures.responseMs.p50, p95_ms: figures.responseMs.p95 },
    credits: formatCredits(figures.chargedMillicredits),
  };
}

export function presentBusinessMetrics(metrics: BusinessMetrics, at: Date): BusinessMetricsView {
  return {
    at: at.toISOString(),
    tenants: metrics.tenants,
    sessions: { active: metrics.activeSessions },
    turns: { unfinished: metrics.unfinishedTurns },
    last_24_hours: {
      sessions: metrics.sessions,
      turns: metrics.turns,
      outcomes: metrics.outcomes,
      credits: formatCredits(metrics.chargedMillicredits),
      deliveries: metrics.deliveries,
      failures: { turns: metrics.outcomes.failed, deliveries: metrics.deliveries.exhausted },
    },
  };
}
