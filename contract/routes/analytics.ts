import { BusinessMetrics, Overview, OverviewQuery } from '../analytics.ts';
import type { RouteDocument } from './route-document.ts';

export const ANALYTICS_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/analytics/overview',
    operationId: 'getAnalyticsOverview',
    tag: 'analytics',
    summary: 'Conversations, outcomes, hand-offs, response times and credits, day by day',
    description: 'At most 92 days at once.',
    access: 'usage.read',
    query: OverviewQuery,
    responses: { 200: { description: 'The figures', schema: Overview } },
  },
  {
    method: 'get',
    path: '/api/metrics/business',
    operationId: 'getBusinessMetrics',
    tag: 'operator',
    summary: 'What the whole installation does, across all tenants',
    access: 'platform.read',
    responses: { 200: { description: 'The figures of this moment', schema: BusinessMetrics } },
  },
  {
    method: 'get',
    path: '/metrics',
    operationId: 'getPrometheusMetrics',
    tag: 'operation',
    summary: 'This process, for Prometheus',
    description:
      'With METRICS_TOKEN set, for whoever sends it as Authorization: Bearer; without, for this machine only.',
    access: 'public',
    isUnlimited: true,
    responses: { 200: { description: 'Text exposition', mediaTypes: ['text/plain'] } },
    problems: ['unauthenticated', 'forbidden'],
  },
];
