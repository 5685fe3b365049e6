import { Router } from '@koa/router';

import { OpenChatSession, type ChatSession } from '#contract/chat-session.ts';
import { Problem } from '#contract/problems.ts';
import { readSessionDisclosure } from '#models/read/session-disclosure.ts';
import { readSession } from '#models/read/session-view.ts';
import { requireTenant } from '#models/tenant.ts';
import { newUuid } from '#platform/new-id.ts';

import { authenticate } from '../middleware/authenticate.ts';
import { idempotent } from '../middleware/idempotent.ts';
import { requirePermission } from '../middleware/require-permission.ts';
import { validateBody } from '../middleware/validate-body.ts';
import { presentSession } from '../sessions/presenter.ts';
import type { BodyState, RequestState, SignedInState } from '../state.ts';
import { noConversation } from './no-conversation.ts';
import { openChatSession, type OpenDeps } from './open-chat-session.ts';
import { presentDisclosure } from './presenter.ts';
import { businessNotFound } from './visitor.ts';

/** A conversation before its first message, for who wants to choose its persona or know its id beforehand. */
export function openSessionRoutes(deps: OpenDeps): Router<RequestState> {
  const { knex } = deps;
  const router = new Router<RequestState>();

  router.post<SignedInState & BodyState<OpenChatSession>>(
    '/api/chat/session',
    authenticate(),
    requirePermission('chat.manage'),
    validateBody(OpenChatSession),
    idempotent(),
    async (ctx) => {
      const { tenantId } = ctx.state.actor;
      const { session_id: clientSessionId = newUuid(), persona_id: personaId = null, business_id } = ctx.state.body;
      if (business_id !== undefined && business_id !== (await requireTenant(knex, tenantId)).businessId) {
        throw businessNotFound();
      }
      const acceptLanguage = ctx.get('Accept-Language');
      const opening = { tenantId, clientSessionId, personaId, acceptLanguage };
      const { sessionId, isNew } = await openChatSession(deps, opening);
      const [session, disclosure] = await Promise.all([
        readSession(knex, tenantId, sessionId),
        readSessionDisclosure(knex, tenantId, sessionId),
      ]);
      if (session === null || disclosure === null) throw noConversation();
      if (personaId !== null && session.persona.id !== personaId) throw otherPersona(session.persona.id);
      ctx.status = isNew ? 201 : 200;
      ctx.body = {
        session_id: clientSessionId,
        ...presentSession(session),
        disclosure: presentDisclosure(disclosure),
      } satisfies ChatSession;
    },
  );
  return router;
}

function otherPersona(personaId: string): Problem {
  return new Problem('conflict', {
    detail: 'This conversation was opened under another persona, which it keeps.',
    extensions: { persona_id: personaId },
  });
}
