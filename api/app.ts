import Koa from 'koa';

import type { Logger } from '#platform/logger.ts';

import { createCallerIdentification } from './auth/identify-caller.ts';
import type { ApiDeps } from './deps.ts';
import { accessLog } from './middleware/access-log.ts';
import { allowedMethods } from './middleware/allowed-methods.ts';
import { createAnswerStore } from './middleware/answer-store.ts';
import { crossOrigin } from './middleware/cross-origin.ts';
import { problems } from './middleware/problems.ts';
import { readableTarget } from './middleware/readable-target.ts';
import { readableUrl } from './middleware/readable-url.ts';
import { requestContext } from './middleware/request-context.ts';
import { securityHeaders } from './middleware/security-headers.ts';
import { serverTiming } from './middleware/server-timing.ts';
import { isPublishedOnHttps } from './policies/is-published-on-https.ts';
import { routersOf } from './routers.ts';
import type { RequestState } from './state.ts';
import { createListedOrigins } from './widget/listed-origins.ts';

const GONE_CODES = new Set(['ERR_STREAM_PREMATURE_CLOSE', 'ECONNRESET', 'EPIPE']);

/** The HTTP edge, in the order a request passes through it. */
export function createApp(deps: ApiDeps, routers = routersOf(deps)): Koa<RequestState> {
  const { env, logger } = deps;
  const isHttps = isPublishedOnHttps(env.PUBLIC_URL);
  // Without a hop limit the left-most address would count, and that one anybody can write.
  const app = new Koa<RequestState>({ proxy: env.TRUSTED_PROXY_HOPS > 0, maxIpsCount: env.TRUSTED_PROXY_HOPS });
  app.on('error', (error: Error & { code?: string }) => logLateFault(logger, error));

  app.use(
    requestContext({
      logger,
      publicUrl: env.PUBLIC_URL,
      answerStore: createAnswerStore(deps),
      limits: deps.limits,
      identifyCaller: createCallerIdentification({ ...deps, isHttps }),
    }),
  );
  app.use(accessLog({ metrics: deps.metrics }));
  app.use(securityHeaders({ isHttps }));
  app.use(problems());
  app.use(readableTarget());
  app.use(crossOrigin({ isListed: createListedOrigins(deps) }));
  app.use(readableUrl());
  app.use(serverTiming());
  app.use(allowedMethods());
  for (const router of routers) app.use(router.routes());
  return app;
}

/** What goes wrong after the first byte. A visitor who closes the page in the middle of an answer is no fault. */
function logLateFault(logger: Logger, error: Error & { code?: string }): void {
  if (GONE_CODES.has(error.code ?? '')) return;
  logger.error({ error }, 'answer cut short');
}
