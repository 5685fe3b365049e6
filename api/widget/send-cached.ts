import type { ParameterizedContext } from 'koa';

import { sha256Hex } from '#platform/digest.ts';

/** Five minutes without asking, a day more while asked again: a change is seen soon, an outage is not. */
export const SOON = 'public, max-age=300, stale-while-revalidate=86400';
export const FOR_EVER = 'public, max-age=31536000, immutable';

const ETAG_LENGTH = 32;

/** The same for every caller, and not sent again to one who has it. */
export function sendCached(
  ctx: ParameterizedContext,
  { type, text, caching }: { type: 'text/javascript' | 'application/json'; text: string; caching: string },
): void {
  ctx.status = 200;
  ctx.set('Cache-Control', caching);
  ctx.etag = sha256Hex(text).slice(0, ETAG_LENGTH);
  if (ctx.fresh) {
    ctx.status = 304;
    return;
  }
  ctx.type = type;
  ctx.body = text;
}
