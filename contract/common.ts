import { z } from 'zod';

const FieldFaultBody = z.object({
  pointer: z.string().meta({ description: 'JSON Pointer into the body, or the name of a query parameter' }),
  code: z.string(),
  detail: z.string(),
});

/** RFC 9457, the one shape of every error. */
export const ProblemBody = z
  .object({
    type: z.string().meta({ description: 'Path of a page that explains the problem', example: '/problems/not-found' }),
    title: z.string(),
    status: z.int().min(400).max(599),
    detail: z.string(),
    instance: z.string(),
    request_id: z.string(),
    errors: z.array(FieldFaultBody).optional(),
  })
  .catchall(z.unknown())
  .meta({ id: 'Problem' });
export type ProblemBody = z.infer<typeof ProblemBody>;

const LIST_LIMIT_MAX = 100;
const LIST_LIMIT_DEFAULT = 20;

/** Paging of every list; a limit over the maximum is cut, not refused. */
export const LIST_QUERY = {
  limit: z.coerce
    .number()
    .int()
    .min(1)
    .default(LIST_LIMIT_DEFAULT)
    .transform((limit) => Math.min(limit, LIST_LIMIT_MAX))
    .meta({ description: `Page size; more than ${LIST_LIMIT_MAX} is cut to ${LIST_LIMIT_MAX}` }),
  cursor: z
    .string()
    .regex(/^[A-Za-z0-9_-]{1,400}$/)
    .optional()
    .meta({ description: '`next_cursor` of the page before' }),
};

/** The page shape of every list. */
export function listOf<Item extends z.ZodType>(item: Item) {
  return z.object({ data: z.array(item), next_cursor: z.string().nullable() });
}

/** Our own ids on the wire: a prefix and 32 hex digits. */
export function prefixedId<Prefix extends string>(prefix: Prefix) {
  return z.templateLiteral([`${prefix}_`, z.string().regex(/[0-9a-f]{32}/)]);
}

export const TenantUuid = z.uuid().meta({ description: 'The tenant' });
export const Timestamp = z.iso.datetime().meta({ description: 'ISO 8601, UTC' });

/** Credits leave as decimal strings with three places, never as floats. */
export const CreditAmount = z
  .string()
  .regex(/^-?\d+\.\d{3}$/)
  .meta({ description: 'Credits with three decimal places', example: '0.795' });
