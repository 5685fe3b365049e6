import { AuditEventList, AuditQuery, PlatformAuditEventList, PlatformAuditQuery } from '../audit.ts';
import type { RouteDocument } from './route-document.ts';

export const AUDIT_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/audit',
    operationId: 'listAuditEvents',
    tag: 'audit',
    summary: 'Who changed what in your tenant, newest first',
    access: 'audit.read',
    query: AuditQuery,
    responses: { 200: { description: 'A page of changes', schema: AuditEventList } },
  },
  {
    method: 'get',
    path: '/api/admin/audit',
    operationId: 'listPlatformAuditEvents',
    tag: 'operator',
    summary: 'Who changed what, across all tenants, newest first',
    access: 'platform.audit',
    query: PlatformAuditQuery,
    responses: { 200: { description: 'A page of changes', schema: PlatformAuditEventList } },
  },
];
