import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { StopChatMessage, StopPublicChat, type ChatStopped } from '#contract/chat.ts';
import { stopAnswer } from '#models/commands/stop-answer.ts';
import type { SessionRef } from '#models/session-owner.ts';

import type { ApiDeps } from '../deps.ts';
import { authenticate } from '../middleware/authenticate.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { noStore } from '../middleware/no-store.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { sameOriginOnly } from '../middleware/same-origin-only.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { isPublishedOnHttps } from '../policies/is-published-on-https.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { findSignedInSession } from './chat-address.ts';
import { findVisitorSession } from './visitor.ts';

type StopDeps = Pick<ApiDeps, 'knex' | 'clock' | 'doorbell'>;

/** What the paths share, once they know whose session it is. The ring has the model call aborted at once. */
export function createStopChat({ knex, clock, doorbell }: StopDeps) {
  return async function stopChat(ctx: ParameterizedContext, ref: SessionRef, clientSessionId: string): Promise<void> {
    const stopped = await stopAnswer(knex, ref, clock.now());
    if (stopped !== null) doorbell.ring('turn_stop', ref.sessionId);
    ctx.body = { session_id: clientSessionId, stopped } satisfies ChatStopped;
  };
}

/** Whoever may continue a conversation may stop the answer that runs in it. */
export function stopRoutes(deps: StopDeps & Pick<ApiDeps, 'keyRing' | 'env'>): Router<RequestState> {
  const { knex, keyRing, env } = deps;
  const router = new Router<RequestState>();
  const stopChat = createStopChat(deps);
  const isHttps = isPublishedOnHttps(env.PUBLIC_URL);

  router.post<BodyState<StopPublicChat>>(
    '/api/chat/stop',
    noStore(),
    limitReads(),
    sameOriginOnly(),
    validateBody(StopPublicChat),
    async (ctx) => {
      const ref = await findVisitorSession(ctx, { knex, keyRing, isHttps }, ctx.state.body);
      await stopChat(ctx, ref, ctx.state.body.session_id);
    },
  );

  router.post<SignedInState & BodyState<StopChatMessage>>(
    '/api/chat/message/stop',
    authenticate(),
    requirePermission('chat.manage'),
    validateBody(StopChatMessage),
    async (ctx) => {
      const { actor, body } = ctx.state;
      const ref = await findSignedInSession(knex, actor.tenantId, body.session_id);
      await stopChat(ctx, ref, body.session_id);
    },
  );
  return router;
}
