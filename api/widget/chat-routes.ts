import { Router } from '@koa/router';

import { StopChatMessage } from '#contract/chat.ts';
import { PostWidgetChat, RateWidgetAnswer, WidgetTranscriptQuery } from '#contract/widget-chat.ts';

import { createAnswerChat, type ChatDeps } from '../chat/answer-chat.ts';
import { createRateAnswer } from '../chat/feedback-routes.ts';
import { createStopChat } from '../chat/stop-routes.ts';
import { transcriptOf } from '../chat/transcript-routes.ts';
import { feedVisitor } from '../chat/visitor-feed.ts';
import type { ApiDeps } from '../deps.ts';
import { countWidgetKey, limitChat } from '../limits/limit-chat.ts';
import { limitReads } from '../limits/limit-by-address.ts';
import { wantsEvents } from '../live/wants-events.ts';
import { noStore } from '../middleware/no-store.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { validateQuery } from '../middleware/validate-query.ts';
import type { BodyState, QueryState, RequestState } from '../state.ts';
import { admitPage, widgetPage, type WidgetPageState } from './widget-page.ts';
import { admitsPage, findWidgetSession, requireToken, type WidgetSessionDeps } from './widget-session.ts';

export type WidgetChatDeps = ChatDeps & WidgetSessionDeps & Pick<ApiDeps, 'temporal'>;

type Calling<Body> = WidgetPageState & BodyState<Body>;

const CHAT = '/api/widget/chat';

/** The chat of pages on other sites. The key says whose Bob answers, and the origin whether it may be used there. */
export function widgetChatRoutes(deps: WidgetChatDeps): Router<RequestState> {
  const router = new Router<RequestState>();
  const answerChat = createAnswerChat(deps);

  router.post<Calling<PostWidgetChat>>(
    CHAT,
    noStore(),
    widgetPage(deps.clock),
    validateBody(PostWidgetChat),
    limitChat('widget'),
    async (ctx) => {
      const { page, body } = ctx.state;
      // Who loses a race is admitted again, with the same message.
      const countKeyOnce = onlyOnce(() => countWidgetKey(ctx, page.widgetKey));
      const { session_id: clientSessionId, message, context = {} } = body;
      await answerChat(ctx, {
        tenant: page,
        channel: 'widget',
        clientSessionId,
        message,
        author: { type: 'visitor', userId: null },
        visitorHash: null,
        persona: context.persona ?? null,
        language: context.language ?? null,
        mayReadOn: () => admitsPage(deps, page, clientSessionId),
        admitTenant: (located) => admitPage(located, page, deps.missing.note),
        async admit({ session }) {
          await countKeyOnce();
          if (session !== null) requireToken(ctx, deps.keyRing, { session, clientSessionId });
        },
      });
    },
  );
  readRoute(router, deps);
  besideRoutes(router, deps);
  return router;
}

function onlyOnce(count: () => Promise<void>): () => Promise<void> {
  let counted: Promise<void> | null = null;
  return () => (counted ??= count());
}

function readRoute(router: Router<RequestState>, deps: WidgetChatDeps): void {
  router.get<WidgetPageState & QueryState<WidgetTranscriptQuery>>(
    `${CHAT}/messages`,
    noStore(),
    limitReads(),
    widgetPage(deps.clock),
    validateQuery(WidgetTranscriptQuery),
    async (ctx) => {
      const { session_id: clientSessionId, after, limit } = ctx.state.query;
      const { tenantId, sessionId } = await findWidgetSession(deps, ctx, clientSessionId);
      if (wantsEvents(ctx)) {
        const mayReadOn = (): Promise<boolean> => admitsPage(deps, ctx.state.page, clientSessionId);
        return feedVisitor(deps, ctx, { tenantId, sessionId, after, mayReadOn });
      }
      ctx.body = await transcriptOf(deps.knex, tenantId, { sessionId, after, limit, audience: 'visitor' });
    },
  );
}

function besideRoutes(router: Router<RequestState>, deps: WidgetChatDeps): void {
  const stopChat = createStopChat(deps);
  const rateAnswer = createRateAnswer(deps);

  router.post<Calling<StopChatMessage>>(
    `${CHAT}/stop`,
    noStore(),
    limitReads(),
    widgetPage(deps.clock),
    validateBody(StopChatMessage),
    async (ctx) => {
      const { session_id: clientSessionId } = ctx.state.body;
      await stopChat(ctx, await findWidgetSession(deps, ctx, clientSessionId), clientSessionId);
    },
  );

  router.post<Calling<RateWidgetAnswer>>(
    `${CHAT}/feedback`,
    noStore(),
    limitReads(),
    widgetPage(deps.clock),
    validateBody(RateWidgetAnswer),
    async (ctx) => {
      const ref = await findWidgetSession(deps, ctx, ctx.state.body.session_id);
      await rateAnswer(ctx, ref, ctx.state.body);
    },
  );
}
