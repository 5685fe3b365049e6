import type {
  SessionDetail,
  SessionFeedItem,
  SessionMessage,
  SessionOwnership,
  SessionThread,
  SessionView,
} from '#contract/sessions.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import type { SessionOwner } from '#domain/session-owner.ts';
import type { SessionMove } from '#models/read/session-feed.ts';
import type { MessageAuthor } from '#domain/turn.ts';
import type { SessionSummary } from '#models/read/session-row.ts';
import type { HandoffView, SessionDetails } from '#models/read/session-view.ts';
import type { TranscriptMessage } from '#models/read/transcript.ts';

import { presentCitation } from '../messages/present-citation.ts';
import { presentPage } from '../messages/present-page.ts';

/** Who a visitor is comes with signed identity; until then nobody knows. */
const UNKNOWN_VISITOR: SessionView['visitor'] = { name: null, email: null, verified: false };

export function presentSession(session: SessionSummary): SessionView {
  return {
    id: session.id,
    channel: session.channel,
    status: session.state,
    owner: session.owner,
    owner_user: session.ownerUser,
    owner_epoch: session.ownerEpoch,
    owner_since: session.ownerSince.toISOString(),
    language: session.language,
    persona: { id: session.persona.id, version: session.persona.number },
    visitor: UNKNOWN_VISITOR,
    last_message: presentLastMessage(session.lastMessage),
    waiting_since: session.waitingSince?.toISOString() ?? null,
    created_at: session.createdAt.toISOString(),
  };
}

function presentLastMessage(message: SessionSummary['lastMessage']): SessionView['last_message'] {
  if (message === null) return null;
  const { seq, text, at } = message;
  return { seq, author: presentAuthor(message), text, at: at.toISOString() };
}

export function presentSessionDetail(session: SessionDetails): SessionDetail {
  const { facts } = session;
  return {
    ...presentSession(session),
    closed_at: session.closedAt?.toISOString() ?? null,
    closed_reason: session.closedReason,
    facts: {
      turns: facts.turns,
      messages: facts.messages,
      notes: facts.notes,
      credits: formatCredits(facts.chargedMillicredits),
      feedback: facts.feedback,
      disclosures: facts.disclosures.map(({ version, language, shownAt }) => ({
        version,
        language,
        shown_at: shownAt.toISOString(),
      })),
      handoffs: facts.handoffs.map(presentHandoff),
    },
  };
}

function presentHandoff(handoff: HandoffView): SessionDetail['facts']['handoffs'][number] {
  return {
    id: handoff.id,
    category: handoff.category,
    state: handoff.state,
    assignee: handoff.assignee,
    owner_epoch: handoff.ownerEpoch,
    created_at: handoff.createdAt.toISOString(),
    ended_at: handoff.endedAt?.toISOString() ?? null,
  };
}

export function presentThread(
  messages: readonly TranscriptMessage[],
  page: { after: number; limit: number },
): SessionThread {
  return presentPage(messages, page, presentThreadMessage);
}

export function presentThreadMessage(message: TranscriptMessage): SessionMessage {
  return {
    id: message.id,
    seq: message.seq,
    kind: message.kind,
    author: presentAuthor(message),
    text: message.text,
    cut: message.cut,
    turn_id: message.turnId,
    citations: message.citations.map(presentCitation),
    created_at: message.createdAt.toISOString(),
  };
}

function presentAuthor({ author, name }: { author: MessageAuthor; name: string | null }): SessionMessage['author'] {
  return { type: author, name, ai_generated: author === 'ai' };
}

export function presentOwnership({ owner, at }: { owner: SessionOwner; at: Date }): SessionOwnership {
  return { owner: owner.owner, owner_epoch: owner.epoch, at: at.toISOString() };
}

const OWNER_AFTER: Readonly<Record<string, SessionView['owner']>> = {
  'handoff.assigned': 'human',
  'handoff.taken_over': 'human',
  'handoff.returned': 'ai',
};

export function presentMove({ type, sessionId, seq, pos, ownerEpoch, messageSeq }: SessionMove): SessionFeedItem {
  const owner = OWNER_AFTER[type];
  return {
    type,
    session_id: sessionId,
    seq,
    pos,
    ...(owner === undefined ? {} : { owner }),
    ...(ownerEpoch === null ? {} : { owner_epoch: ownerEpoch }),
    ...(messageSeq === null ? {} : { message_seq: messageSeq }),
  };
}
