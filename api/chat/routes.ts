import { Router } from '@koa/router';

import { PostChatMessage, PostPublicChat } from '#contract/chat.ts';

import type { ApiDeps } from '../deps.ts';
import { limitChat } from '../limits/limit-chat.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { noStore } from '../middleware/no-store.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { sameOriginOnly } from '../middleware/same-origin-only.ts';
import { stillPermitted } from '../middleware/still-permitted.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { isPublishedOnHttps } from '../policies/is-published-on-https.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { createAnswerChat, type ChatDeps } from './answer-chat.ts';
import { feedbackRoutes } from './feedback-routes.ts';
import { openSessionRoutes } from './open-session-routes.ts';
import { stopRoutes } from './stop-routes.ts';
import { transcriptRoutes } from './transcript-routes.ts';
import { admitTenant, publicTenant, requireProof, visitorOf } from './visitor.ts';

const SIGN_IN_HINT =
  'This route is for signed-in callers with the permission chat.manage. Visitors of a public page use POST /api/chat.';

/** The chat paths. They differ only in how tenant and caller are found. */
export function chatRoutes(deps: ChatDeps & Pick<ApiDeps, 'keyRing' | 'env' | 'temporal'>): Router<RequestState> {
  const router = new Router<RequestState>();
  const answerChat = createAnswerChat(deps);
  const isHttps = isPublishedOnHttps(deps.env.PUBLIC_URL);

  router.post<BodyState<PostPublicChat>>(
    '/api/chat',
    noStore(),
    sameOriginOnly(),
    validateBody(PostPublicChat),
    limitChat('public'),
    async (ctx) => {
      const { message, session_id: clientSessionId, business_id: businessId } = ctx.state.body;
      const visitor = visitorOf(ctx, { isHttps });
      await answerChat(ctx, {
        tenant: publicTenant(businessId),
        channel: 'public',
        clientSessionId,
        message,
        author: { type: 'visitor', userId: null },
        visitorHash: visitor.hash,
        async admit(located) {
          const { session } = admitTenant(located);
          if (session !== null) requireProof(deps.keyRing, session, { clientSessionId, visitor });
        },
      });
    },
  );

  router.post<SignedInState & BodyState<PostChatMessage>>(
    '/api/chat/message',
    authenticate({ detail: SIGN_IN_HINT }),
    requirePermission('chat.manage'),
    validateBody(PostChatMessage),
    limitChat('signed_in'),
    async (ctx) => {
      const { actor, body } = ctx.state;
      await answerChat(ctx, {
        tenant: { tenantId: actor.tenantId },
        channel: 'signed_in',
        clientSessionId: body.session_id,
        message: body.message,
        author: { type: 'user', userId: actor.userId },
        visitorHash: null,
        admit: () => Promise.resolve(),
        mayReadOn: stillPermitted(ctx, 'chat.manage'),
      });
    },
  );
  for (const part of [openSessionRoutes(deps), stopRoutes(deps), feedbackRoutes(deps), transcriptRoutes(deps)]) {
    router.use(part.routes());
  }
  return router;
}
