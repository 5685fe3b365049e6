import {
  AddTenant,
  ChangeTenantTerms,
  PlatformTenantList,
  PlatformTenantView,
  TenantListQuery,
  TenantParams,
} from '../admin.ts';
import type { RouteDocument } from './route-document.ts';

export const ADMIN_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/admin/tenants',
    operationId: 'listTenants',
    tag: 'operator',
    summary: 'Every tenant, newest first',
    access: 'tenants.manage',
    query: TenantListQuery,
    responses: { 200: { description: 'A page of tenants', schema: PlatformTenantList } },
  },
  {
    method: 'post',
    path: '/api/admin/tenants',
    operationId: 'addTenant',
    tag: 'operator',
    summary: 'Make a tenant with its owner, as a sign-up would',
    access: 'tenants.manage',
    body: AddTenant,
    idempotent: true,
    responses: { 201: { description: 'The tenant', schema: PlatformTenantView } },
    problems: ['email-taken'],
  },
  {
    method: 'patch',
    path: '/api/admin/tenants/:id',
    operationId: 'changeTenantTerms',
    tag: 'operator',
    summary: 'Suspend a tenant, lift a suspension, or change the plan from the next period on',
    description:
      'While suspended everything can be read and nothing changed; visitors get a fixed text, and nothing is charged.',
    access: 'tenants.manage',
    params: TenantParams,
    body: ChangeTenantTerms,
    responses: { 200: { description: 'The tenant after the change', schema: PlatformTenantView } },
    problems: ['conflict'],
  },
];
