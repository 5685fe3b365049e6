import { Problem, PROBLEMS } from '#contract/problems.ts';
import { isDatabaseAway } from '#platform/database-away.ts';
import type { ParameterizedContext } from 'koa';

import type { RequestState, Step } from '../state.ts';

/** The only place that writes an error: RFC 9457 for everything, unknown routes and our own faults included. */
export function problems(): Step {
  return async (ctx, next) => {
    try {
      await next();
      if (isUnanswered(ctx)) throw new Problem('not-found', { detail: 'There is no such route.' });
    } catch (error) {
      // Too late for a problem: whoever writes the stream ends it.
      if (ctx.headerSent) throw error;
      writeProblem(ctx, problemOf(error));
      logFault(ctx, error);
    }
  };
}

function isUnanswered(ctx: ParameterizedContext<RequestState>): boolean {
  return ctx.status === 404 && ctx.body === undefined && ctx.respond !== false;
}

/** What the caller is told about an error; for errors nobody expected, only that it was our fault. */
function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error)) {
    return new Problem('unavailable', {
      detail: 'The database cannot be reached. Nothing was changed; please send the request again.',
      headers: { 'Retry-After': '2' },
    });
  }
  return new Problem('internal', { detail: 'The request failed. The request id leads to the details in our log.' });
}

function writeProblem(ctx: ParameterizedContext<RequestState>, problem: Problem): void {
  ctx.set(problem.headers);
  ctx.set('Cache-Control', 'no-store');
  ctx.remove('ETag');
  ctx.status = problem.status;
  ctx.body = JSON.stringify({
    type: `/problems/${problem.slug}`,
    title: PROBLEMS[problem.slug].title,
    status: problem.status,
    detail: problem.message,
    instance: ctx.path,
    request_id: ctx.state.requestId,
    ...problem.extensions,
  });
  ctx.type = 'application/problem+json';
}

function logFault(ctx: ParameterizedContext<RequestState>, error: unknown): void {
  if (error instanceof Problem && error.status < 500) return;
  if (isDatabaseAway(error)) ctx.state.log.warn({ error }, 'database away');
  else ctx.state.log.error({ error }, 'request failed');
}
