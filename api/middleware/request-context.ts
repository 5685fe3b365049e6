import { newUuid } from '#platform/new-id.ts';
import type { Logger } from '#platform/logger.ts';

import type { Limits } from '../limits/limits.ts';
import { newServerTiming } from '../request-timing.ts';
import type { AnswerStore, Caller, RequestState, Step } from '../state.ts';

const SAFE_REQUEST_ID = /^[\w.-]{1,128}$/;

export interface RequestContextDeps {
  logger: Logger;
  publicUrl: string | undefined;
  answerStore: AnswerStore;
  limits: Limits;
  identifyCaller(request: {
    authorization: string;
    cookieOf: (name: string) => string | undefined;
  }): Promise<Caller | null>;
}

/** Puts into `ctx.state` what every later step and handler may rely on. */
export function requestContext(deps: RequestContextDeps): Step {
  const publicOrigin = deps.publicUrl === undefined ? null : new URL(deps.publicUrl).origin;
  return async (ctx, next) => {
    const given = ctx.get('X-Request-Id');
    const requestId = SAFE_REQUEST_ID.test(given) ? given : newUuid();
    ctx.set('X-Request-Id', requestId);

    let caller: Promise<Caller | null> | null = null;
    const identifyAnew = (): Promise<Caller | null> =>
      deps.identifyCaller({
        authorization: ctx.get('Authorization'),
        cookieOf: (name) => ctx.cookies.get(name),
      });
    const state: RequestState = {
      requestId,
      log: deps.logger.child({ request_id: requestId }),
      timing: newServerTiming(),
      ownOrigin: publicOrigin ?? `${ctx.protocol}://${ctx.host}`,
      answerStore: deps.answerStore,
      limits: deps.limits,
      identify() {
        caller ??= identifyAnew();
        return caller;
      },
      identifyAnew,
    };
    Object.assign(ctx.state, state);
    await next();
  };
}
