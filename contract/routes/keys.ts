import { ApiKeyList, ApiKeyParams, ApiKeyQuery, CreateApiKey, CreatedApiKey } from '../keys.ts';
import type { RouteDocument } from './route-document.ts';

export const KEY_ROUTES: readonly RouteDocument[] = [
  {
    method: 'post',
    path: '/api/keys',
    operationId: 'createApiKey',
    tag: 'keys',
    summary: 'Make a key for a program; the answer shows its secret, this once',
    description:
      'A key may do what its scopes say and its maker may do at that moment. It ends with its maker’s account.',
    access: 'keys.manage',
    body: CreateApiKey,
    idempotent: true,
    responses: { 201: { description: 'The key with its secret', schema: CreatedApiKey } },
    problems: ['conflict'],
  },
  {
    method: 'get',
    path: '/api/keys',
    operationId: 'listApiKeys',
    tag: 'keys',
    summary: 'Every key that still works, newest first',
    access: 'keys.manage',
    query: ApiKeyQuery,
    responses: { 200: { description: 'A page of keys, without secrets', schema: ApiKeyList } },
  },
  {
    method: 'delete',
    path: '/api/keys/:id',
    operationId: 'revokeApiKey',
    tag: 'keys',
    summary: 'Revoke a key, for good and at once',
    access: 'keys.manage',
    params: ApiKeyParams,
    responses: { 204: { description: 'Revoked' } },
  },
];
