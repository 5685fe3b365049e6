import { Problem } from '#contract/problems.ts';
import type { ParameterizedContext } from 'koa';

import type { AnswerKey, BodyState, SignedInState, Step } from '../state.ts';
import { readIdempotencyKey } from './idempotency-key.ts';

type IdempotentState = SignedInState & BodyState<unknown>;
type IdempotentContext = ParameterizedContext<IdempotentState>;

/** Stands below `validateBody()`. With an `Idempotency-Key` the first answer is given again instead of done again. */
export function idempotent(): Step<IdempotentState> {
  return async (ctx, next) => {
    const key = readIdempotencyKey(ctx);
    if (key === null) {
      await next();
      return;
    }
    const { actor } = ctx.state;
    const answer: AnswerKey = {
      tenantId: actor.tenantId,
      // An answer may show a secret once: to whoever asked, and to no colleague who took the same key.
      caller: actor.apiKeyId ?? actor.userId,
      route: `${ctx.method} ${ctx.path}`,
      key,
    };
    // Parsed bodies have the key order of their schema, so equal bodies give equal text.
    const content = `${ctx.querystring}\n${JSON.stringify(ctx.state.body)}`;
    const kept = await ctx.state.answerStore.begin({ ...answer, content });
    switch (kept.state) {
      case 'fresh':
        return runOnce(ctx, answer, next);
      case 'kept':
        ctx.set('Idempotency-Replayed', 'true');
        ctx.status = kept.status;
        ctx.body = kept.body;
        ctx.type = 'application/json';
        return;
      case 'running':
        throw new Problem('idempotency-running', {
          detail: 'The first request with this Idempotency-Key has not been answered yet.',
          headers: { 'Retry-After': '1' },
        });
      case 'mismatch':
        throw new Problem('idempotency-mismatch', {
          detail: 'This Idempotency-Key came with another body before. Use a new key for a new request.',
        });
      default:
        return kept satisfies never;
    }
  };
}

/** Only successes are kept: a refused request changed nothing and may be tried again under its key. */
async function runOnce(ctx: IdempotentContext, answer: AnswerKey, next: () => Promise<unknown>): Promise<void> {
  try {
    await next();
  } catch (error) {
    await ctx.state.answerStore.forget(answer);
    throw error;
  }
  if (ctx.status >= 300) return ctx.state.answerStore.forget(answer);
  const body = typeof ctx.body === 'string' ? ctx.body : JSON.stringify(ctx.body ?? null);
  return ctx.state.answerStore.keep({ ...answer, status: ctx.status, body });
}
