import { ChangeTenant, TenantSettingsView } from '../tenant.ts';
import type { RouteDocument } from './route-document.ts';

export const TENANT_ROUTES: readonly RouteDocument[] = [
  {
    method: 'get',
    path: '/api/tenant',
    operationId: 'getTenant',
    tag: 'tenant',
    summary: 'Your tenant and its settings',
    access: 'signed-in',
    responses: { 200: { description: 'The settings', schema: TenantSettingsView } },
  },
  {
    method: 'patch',
    path: '/api/tenant',
    operationId: 'changeTenant',
    tag: 'tenant',
    summary: 'Change settings; fields that are left out stay as they are',
    access: 'settings.manage',
    body: ChangeTenant,
    responses: { 200: { description: 'The settings after the change', schema: TenantSettingsView } },
  },
];
