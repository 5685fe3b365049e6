import { Problem } from '#contract/problems.ts';
import type { ParameterizedContext } from 'koa';

const VISIBLE_ASCII = /^[\x21-\x7e]{1,128}$/;

/** Null without the header. An empty one is no absent one: its sender counts on a key that is not there. */
export function readIdempotencyKey(ctx: ParameterizedContext): string | null {
  if (ctx.req.headers['idempotency-key'] === undefined) return null;
  const key = ctx.get('Idempotency-Key');
  if (VISIBLE_ASCII.test(key)) return key;
  throw new Problem('invalid-header', { detail: 'Idempotency-Key takes 1 to 128 visible ASCII characters.' });
}
