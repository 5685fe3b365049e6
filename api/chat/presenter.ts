import type { ChatAccepted, ChatAnswer, Message, Transcript } from '#contract/chat.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import { DISCLOSURE_VERSION, fixedText } from '#domain/fixed-texts.ts';
import type { MessageId, TurnId } from '#domain/ids.ts';
import type { TurnAnswer } from '#domain/turn.ts';
import type { SessionDisclosure } from '#models/read/session-disclosure.ts';
import type { TranscriptMessage } from '#models/read/transcript.ts';

import { presentCitation } from '../messages/present-citation.ts';
import { presentPage } from '../messages/present-page.ts';

export interface PresentedTurn {
  answer: TurnAnswer;
  clientSessionId: string;
  /** Only with the answer to the first message. */
  sessionToken: string | null;
  /** Only for signed-in callers: visitors never see money or policy. */
  balanceMillicredits: bigint | null;
}

export function presentTurn({ answer, clientSessionId, sessionToken, balanceMillicredits }: PresentedTurn): ChatAnswer {
  return {
    session_id: clientSessionId,
    turn_id: answer.turnId,
    ...presentReply(answer.reply),
    outcome: answer.outcome,
    author: { type: 'ai', name: answer.persona.name, ai_generated: true },
    owner: answer.owner,
    handoff: null,
    ...(answer.coveredBy === null ? {} : { covered_by: answer.coveredBy }),
    ...(sessionToken === null && answer.discloses !== true ? {} : { disclosure: presentDisclosure(answer) }),
    ...(sessionToken === null ? {} : { session_token: sessionToken }),
    ...(balanceMillicredits === null ? {} : presentMoney(answer, balanceMillicredits)),
  };
}

function presentReply(reply: TurnAnswer['reply']): Pick<ChatAnswer, 'message_id' | 'seq' | 'reply' | 'citations'> {
  if (reply === null) return { message_id: null, seq: null, reply: null, citations: [] };
  const citations = reply.citations.map(presentCitation);
  return { message_id: reply.messageId, seq: reply.seq, reply: reply.text, citations };
}

export function presentTranscript(
  messages: readonly TranscriptMessage[],
  page: { after: number; limit: number },
): Transcript {
  return presentPage(messages, page, presentMessage);
}

export function presentMessage(message: TranscriptMessage): Message {
  return {
    id: message.id,
    seq: message.seq,
    author: {
      type: message.author,
      ...(message.name === null ? {} : { name: message.name }),
      ai_generated: message.author === 'ai',
    },
    text: message.text,
    cut: message.cut,
    turn_id: message.turnId,
    citations: message.citations.map(presentCitation),
    created_at: message.createdAt.toISOString(),
  };
}

export function presentAccepted(accepted: {
  clientSessionId: string;
  messageId: MessageId;
  turnId: TurnId;
  sessionToken: string | null;
}): ChatAccepted {
  return {
    session_id: accepted.clientSessionId,
    message_id: accepted.messageId,
    turn_id: accepted.turnId,
    status: 'accepted',
    ...(accepted.sessionToken === null ? {} : { session_token: accepted.sessionToken }),
  };
}

export function presentDisclosure({ language, persona }: SessionDisclosure): NonNullable<ChatAnswer['disclosure']> {
  return { version: DISCLOSURE_VERSION, text: fixedText('disclosure', { language, name: persona.name }) };
}

function presentMoney(answer: TurnAnswer, balance: bigint): Pick<ChatAnswer, 'credits' | 'persona'> {
  return {
    credits: {
      charged: formatCredits(answer.chargedMillicredits),
      balance_after: formatCredits(balance),
      pricebook_version: answer.pricebookVersion,
    },
    persona: { id: answer.persona.id, version: answer.persona.number },
  };
}
