import type { ChatAccepted, ChatAnswer, Message, Transcript } from '#contract/chat.ts';
import { formatCredits } from '#domain/credits/decimal-credits.ts';
import { DISCLOSURE_VERSION, fixedText } from '#domain/fixed-texts.ts';
import type { MessageId, TurnId } from '#domain/ids.ts';
import type { Citation, TurnAnswer } from '#domain/turn.ts';
import type { SessionDisclosure } from '#models/read/session-disclosure.ts';
import type { TranscriptMessage } from '#models/read/transcript.ts';

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
  { after, limit }: { after: number; limit: number },
): Transcript {
  const page = messages.slice(0, limit);
  return {
    data: page.map(presentMessage),
    next_after: page.at(-1)?.seq ?? after,
    has_more: messages.length > limit,
  };
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

function presentCitation({ index, sourceId, title, url }: Citation): Message['citations'][number] {
  return { index, source_id: sourceId, title, url };
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
