import { z } from 'zod';

import { Timestamp } from './common.ts';

export const ComponentHealth = z
  .object({
    state: z.enum(['ok', 'degraded', 'down']),
    detail: z.string().optional(),
  })
  .meta({ id: 'ComponentHealth' });
export type ComponentHealth = z.infer<typeof ComponentHealth>;

export const Health = z
  .object({
    status: z.enum(['ok', 'degraded', 'down']),
    checked_at: Timestamp,
    components: z.record(z.string(), ComponentHealth),
  })
  .meta({ id: 'Health' });
export type Health = z.infer<typeof Health>;
