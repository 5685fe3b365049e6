import { Problem } from '#contract/problems.ts';
import { isDatabaseAway, isDatabaseBusy } from '#platform/database-away.ts';
import type { ParameterizedContext } from 'koa';

import { presentProblem, problemOf } from '../problems/present-problem.ts';
import type { RequestState, Step } from '../state.ts';
import { targetPath } from './readable-target.ts';

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

function writeProblem(ctx: ParameterizedContext<RequestState>, problem: Problem): void {
  ctx.set(problem.headers);
  ctx.set('Cache-Control', 'no-store');
  ctx.remove('ETag');
  ctx.status = problem.status;
  ctx.body = JSON.stringify(presentProblem(problem, { path: targetPath(ctx) ?? '', requestId: ctx.state.requestId }));
  ctx.type = 'application/problem+json';
}

function logFault(ctx: ParameterizedContext<RequestState>, error: unknown): void {
  if (error instanceof Problem && error.status < 500) return;
  if (isDatabaseAway(error)) ctx.state.log.warn({ error }, 'database away');
  else if (isDatabaseBusy(error)) ctx.state.log.warn({ error }, 'database busy');
  else ctx.state.log.error({ error }, 'request failed');
}
