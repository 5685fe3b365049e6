import { Router } from '@koa/router';
import type { ParameterizedContext } from 'koa';

import { RateChatAnswer, type ChatFeedback } from '#contract/chat.ts';
import { Problem } from '#contract/problems.ts';
import type { RateWidgetAnswer } from '#contract/widget-chat.ts';
import { rateMessage, type RatingRefused } from '#models/commands/rate-message.ts';
import type { SessionRef } from '#models/session-owner.ts';

import type { ApiDeps } from '../deps.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { noStore } from '../middleware/no-store.ts';
import { sameOriginOnly } from '../middleware/same-origin-only.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { isPublishedOnHttps } from '../policies/is-published-on-https.ts';
import { announceChange, type AnnounceDeps } from '../sessions/announce-change.ts';
import type { BodyState, RequestState } from '../state.ts';
import { noConversation } from './no-conversation.ts';
import { findVisitorSession } from './visitor.ts';

type FeedbackDeps = Pick<ApiDeps, 'knex' | 'clock' | 'keyRing' | 'env'> & AnnounceDeps;

/** What the paths share, once they know whose session it is. */
export function createRateAnswer(deps: Pick<ApiDeps, 'knex' | 'clock'> & AnnounceDeps) {
  return async function rateAnswer(
    ctx: ParameterizedContext,
    ref: SessionRef,
    answer: RateWidgetAnswer,
  ): Promise<void> {
    const { session_id: clientSessionId, message_id: messageId, rating, reason = null } = answer;
    const rated = await rateMessage(deps.knex, ref, { feedback: { messageId, rating, reason }, now: deps.clock.now() });
    if (rated.kind !== 'rated') throw problemOf(rated);
    if (rated.isChanged) announceChange(deps, { ...ref, endpointIds: rated.endpointIds });
    const at = rated.at.toISOString();
    ctx.body = { session_id: clientSessionId, message_id: messageId, rating, at } satisfies ChatFeedback;
  };
}

/** What visitors think of an answer. */
export function feedbackRoutes(deps: FeedbackDeps): Router<RequestState> {
  const { knex, keyRing, env } = deps;
  const rateAnswer = createRateAnswer(deps);
  const router = new Router<RequestState>();
  const isHttps = isPublishedOnHttps(env.PUBLIC_URL);

  router.post<BodyState<RateChatAnswer>>(
    '/api/chat/feedback',
    noStore(),
    limitReads(),
    sameOriginOnly(),
    validateBody(RateChatAnswer),
    async (ctx) => {
      const ref = await findVisitorSession(ctx, { knex, keyRing, isHttps }, ctx.state.body);
      await rateAnswer(ctx, ref, ctx.state.body);
    },
  );
  return router;
}

function problemOf(refused: RatingRefused): Problem {
  switch (refused.kind) {
    case 'missing':
      return noConversation();
    case 'no-such-message':
      return new Problem('not-found', { detail: 'This conversation has no message with this message_id.' });
    case 'not-by-bob':
      return new Problem('invalid-body', {
        detail: 'One field is wrong.',
        extensions: {
          errors: [{ pointer: '/message_id', code: 'not_by_bob', detail: 'Only an answer of the AI can be rated' }],
        },
      });
  }
}
