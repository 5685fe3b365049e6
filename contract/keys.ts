import { PERMISSIONS } from '#domain/permissions.ts';
import { z } from 'zod';

import { Name } from './auth.ts';
import { LIST_QUERY, listOf, prefixedId, Timestamp } from './common.ts';

const Scope = z.enum(PERMISSIONS);

export const CreateApiKey = z
  .strictObject({
    name: Name.meta({ example: 'Nightly export' }),
    scopes: z.array(Scope).min(1).max(PERMISSIONS.length).meta({ description: 'Only permissions of your own' }),
  })
  .meta({ id: 'CreateApiKey' });
export type CreateApiKey = z.infer<typeof CreateApiKey>;

export const ApiKeyQuery = z.object(LIST_QUERY);
export type ApiKeyQuery = z.infer<typeof ApiKeyQuery>;

export const ApiKeyParams = z.object({ id: prefixedId('key') });
export type ApiKeyParams = z.infer<typeof ApiKeyParams>;

export const ApiKeyView = z
  .object({
    id: prefixedId('key'),
    name: z.string(),
    hint: z.string().meta({ description: 'The last four characters of the secret' }),
    scopes: z.array(Scope),
    created_by: z.object({ id: prefixedId('usr'), name: z.string() }),
    created_at: Timestamp,
    last_used_at: Timestamp.nullable().meta({ description: 'To the minute' }),
  })
  .meta({ id: 'ApiKey' });
export type ApiKeyView = z.infer<typeof ApiKeyView>;

export const CreatedApiKey = ApiKeyView.extend({
  secret: z.string().meta({ description: 'Send as Authorization: Bearer. Shown this once.' }),
}).meta({ id: 'CreatedApiKey' });
export type CreatedApiKey = z.infer<typeof CreatedApiKey>;

export const ApiKeyList = listOf(ApiKeyView).meta({ id: 'ApiKeyList' });
export type ApiKeyList = z.infer<typeof ApiKeyList>;
