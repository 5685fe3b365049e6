import type { ParameterizedContext } from 'koa';

/** Whether the caller asks for a stream; one that takes anything gets JSON, and HEAD has nothing to stream. */
export function wantsEvents(ctx: ParameterizedContext): boolean {
  if (ctx.method === 'HEAD') return false;
  return ctx.accepts(['application/json', 'text/event-stream']) === 'text/event-stream';
}
