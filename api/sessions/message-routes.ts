import { Router } from '@koa/router';

import { NoteInSession, ReplyInSession, type SessionMessage } from '#contract/sessions.ts';
import { replyAsHuman, type WrittenMessage } from '#models/commands/reply-as-human.ts';
import { writeNote } from '#models/commands/write-note.ts';

import type { RequestState } from '../state.ts';
import { announceChange } from './announce-change.ts';
import { actionSteps, byOf, sessionOf, type SessionAction, type SessionActionDeps } from './owner-routes.ts';
import { presentThreadMessage } from './presenter.ts';
import { problemOf } from './refusal.ts';

interface Words {
  name: string;
  text: string;
  kind: 'text' | 'note';
}

/** What people write: to the visitor, or among themselves. */
export function messageRoutes(deps: SessionActionDeps): Router<RequestState> {
  const { knex, clock } = deps;
  const router = new Router<RequestState>();

  router.post<SessionAction<ReplyInSession>>('/api/sessions/:id/reply', ...actionSteps(ReplyInSession), async (ctx) => {
    const { actor, body } = ctx.state;
    const ref = sessionOf(ctx);
    const reply = { ...byOf(actor), text: body.text };
    const written = await replyAsHuman(knex, ref, { reply, now: clock.now() });
    if (written.kind !== 'written') throw problemOf(written);
    const { endpointIds, isTakeover, owner } = written;
    announceChange(deps, { ...ref, endpointIds, ...(isTakeover ? { owner: owner.owner } : {}) });
    ctx.status = 201;
    ctx.body = presentWritten(written, { name: actor.name, text: body.text, kind: 'text' });
  });

  router.post<SessionAction<NoteInSession>>('/api/sessions/:id/note', ...actionSteps(NoteInSession), async (ctx) => {
    const { actor, body } = ctx.state;
    const ref = sessionOf(ctx);
    const written = await writeNote(knex, ref, { note: { by: actor.userId, text: body.text }, now: clock.now() });
    if (written.kind !== 'written') throw problemOf(written);
    announceChange(deps, { ...ref, endpointIds: [] });
    ctx.status = 201;
    ctx.body = presentWritten(written, { name: actor.name, text: body.text, kind: 'note' });
  });
  return router;
}

function presentWritten({ id, seq, at }: WrittenMessage, words: Words): SessionMessage {
  const bare = { cut: false, turnId: null, citations: [] };
  return presentThreadMessage({ id, seq, ...words, ...bare, author: 'human', createdAt: at });
}
