import { Health } from '../health.ts';
import type { RouteDocument } from './route-document.ts';

const ANSWERS = {
  200: { description: 'Works, perhaps with parts degraded', schema: Health },
  503: { description: 'A part that is needed is down', schema: Health },
};

export const HEALTH_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/health',
    operationId: 'getHealth',
    tag: 'operation',
    summary: 'Each component of the installation',
    access: 'public',
    isUnlimited: true,
    responses: ANSWERS,
  },
  {
    method: 'get',
    path: '/api/health/ready',
    operationId: 'getReadiness',
    tag: 'operation',
    summary: 'Whether this process should be sent requests',
    access: 'public',
    isUnlimited: true,
    responses: ANSWERS,
  },
];
