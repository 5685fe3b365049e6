import { Problem } from '#contract/problems.ts';
import type { MessageId, SessionId, TenantId, TurnId, UserId } from '#domain/ids.ts';
import { guessLanguage } from '#domain/languages.ts';
import type { Channel, Owner } from '#domain/turn.ts';
import { wishedLanguage } from '#domain/widget-language.ts';
import { acceptMessage, type AcceptedMessage, type NewMessage } from '#models/commands/accept-message.ts';
import { locateChat, type ChatAddress, type LocatedChat } from '#models/locate-chat.ts';
import { isUniqueViolation } from '#platform/database.ts';
import { sha256Hex } from '#platform/digest.ts';
import { detectLanguage } from '#platform/language.ts';
import { newUuid } from '#platform/new-id.ts';

import type { ApiDeps } from '../deps.ts';
import { addressOf, ownIdOf, type NamedChat } from './chat-address.ts';
import { noConversation } from './no-conversation.ts';
import type { Place } from './tenant-tally.ts';
import { businessNotFound } from './visitor.ts';

/** A message on one of the chat paths; they differ only in how tenant and caller are found. */
export interface IncomingChat extends NamedChat {
  message: string;
  /** The caller's `Idempotency-Key`, null without one. */
  key: string | null;
  author: { type: 'visitor' | 'user'; userId: UserId | null };
  acceptLanguage: string;
  /** The language a page asks for in a new session; else the first words decide. */
  language?: string | null;
  visitorHash: string | null;
  /** The answer is read piece by piece. */
  streams: boolean;
  /** Who takes chats on this path. Throws the problem where nobody does; without it that is an unknown business. */
  admitTenant?(located: LocatedChat | null): LocatedChat;
  /** Whether this caller may speak with this tenant, and continue this session. Throws the problem otherwise. */
  admit(located: LocatedChat): Promise<void>;
}

export interface AcceptedChat {
  tenantId: TenantId;
  sessionId: SessionId;
  turnId: TurnId;
  messageId: MessageId;
  channel: Channel;
  isFirst: boolean;
  /** This very message opened the session: no workflow runs for it yet. */
  isNew: boolean;
  /** The key was known: this turn runs or is done already. */
  isReplay: boolean;
  /** Who speaks in this session, as far as the acceptance told. */
  owner: Owner;
  /** No earlier message of the session waited for its answer. */
  isAlone: boolean;
  /** Among the turns of its tenant; null where an earlier call took it. */
  place: Place | null;
}

type AcceptDeps = Pick<ApiDeps, 'knex' | 'doorbell' | 'live' | 'turnsInFlight' | 'knownChats'>;

const RACE_MAX = 5;

/** Finds tenant, session and earlier acceptance, or makes the promise. Who loses a race looks again and attaches. */
export async function acceptChat(deps: AcceptDeps, chat: IncomingChat): Promise<AcceptedChat> {
  const address = addressOf(chat, chat.key ?? newUuid());
  await refuseFlood(deps, address);
  for (let raced = 0; raced < RACE_MAX; raced += 1) {
    const located = (chat.admitTenant ?? requireTenant)(await locateChat(deps.knex, address));
    if (located.accepted !== null) return attach(chat, located, located.accepted);
    await chat.admit(located);
    if (located.session === null && ownIdOf(chat) !== null) throw noConversation();
    if (located.session?.state === 'closed') throw closed();
    const accepted = await enterAndAccept(deps, { chat, located, address });
    if (accepted !== null) return accepted;
  }
  throw new Problem('session-busy', { detail: 'Too many messages arrive at once.', headers: { 'Retry-After': '1' } });
}

/** By what is known already: refusing has to stay cheaper than answering. The whole of it is looked at further down. */
async function refuseFlood({ knownChats, turnsInFlight }: AcceptDeps, address: ChatAddress): Promise<void> {
  const tenantId = knownChats.tenantOfNew(address);
  if (tenantId !== null) await turnsInFlight.refuseFull(tenantId);
}

/** The same key with the same body attaches to its turn; it proves the session too, since it is the caller's own. */
function attach(
  chat: IncomingChat,
  located: LocatedChat,
  accepted: NonNullable<LocatedChat['accepted']>,
): AcceptedChat {
  if (accepted.bodyHash !== sha256Hex(chat.message)) {
    throw new Problem('idempotency-mismatch', { detail: 'This Idempotency-Key was used with another message.' });
  }
  return {
    tenantId: located.tenantId,
    sessionId: located.session?.id ?? missingSession(),
    turnId: accepted.turnId,
    messageId: accepted.messageId,
    channel: chat.channel,
    isFirst: accepted.messageSeq === 1,
    isNew: false,
    isReplay: true,
    owner: 'ai',
    isAlone: false,
    place: null,
  };
}

async function enterAndAccept(
  deps: AcceptDeps,
  { chat, located, address }: { chat: IncomingChat; located: LocatedChat; address: ChatAddress },
): Promise<AcceptedChat | null> {
  deps.knownChats.letIn(address, located.tenantId);
  const place = await deps.turnsInFlight.enter(located.tenantId);
  let accepted: AcceptedChat | null = null;
  try {
    accepted = await tryToAccept(deps, { chat, located, address, place });
  } finally {
    place.settle();
    // Whether the statement came through nobody knows where its connection broke: the next count does.
    if (accepted === null) place.forget();
  }
  if (accepted !== null && chat.key !== null) deps.knownChats.accepted(address);
  return accepted;
}

interface Accepting {
  chat: IncomingChat;
  located: LocatedChat;
  address: ChatAddress;
  place: Place;
}

async function tryToAccept(
  deps: AcceptDeps,
  { chat, located, address, place }: Accepting,
): Promise<AcceptedChat | null> {
  const { session } = located;
  const message: NewMessage = {
    tenantId: located.tenantId,
    text: chat.message,
    author: chat.author,
    clientMessageId: address.clientMessageId,
    bodyHash: sha256Hex(chat.message),
    streams: chat.streams,
    at: place.at,
  };
  const opening = () => ({
    channel: chat.channel,
    clientIdHash: address.clientIdHash,
    visitorHash: chat.visitorHash,
    language:
      wishedLanguage(chat.language ?? null, located.languages) ??
      guessLanguage(
        { text: chat.message, acceptLanguage: chat.acceptLanguage, fallback: located.language },
        detectLanguage,
      ),
    persona: located.persona,
  });
  try {
    const accepted = await acceptMessage(deps.knex, message, session?.id ?? opening());
    if (accepted === null) throw busy();
    ringFor(deps, accepted);
    return present({ chat, located, place }, accepted);
  } catch (error) {
    if (isUniqueViolation(error)) return null;
    throw error;
  }
}

function requireTenant(located: LocatedChat | null): LocatedChat {
  if (located === null) throw businessNotFound();
  return located;
}

/** Who wants to know of a message, now that it is committed. */
function ringFor({ doorbell, live }: AcceptDeps, { sessionId, openTurns, owner, endpointIds }: AcceptedMessage): void {
  for (const endpointId of endpointIds) doorbell.ring('webhook_due', endpointId);
  // A running answer of which nothing was shown may make way for one that sees this message too.
  if (openTurns > 1) doorbell.ring('turn_stop', sessionId);
  // While Bob speaks his answer wakes the feeds; a person has to be told.
  if (owner !== 'ai') doorbell.ring('session_changed', sessionId);
  live.ring([sessionId, 'everything']);
}

function closed(): Problem {
  return new Problem('session-closed', {
    detail: 'This conversation is closed. Go on with the new_session_id.',
    extensions: { new_session_id: newUuid() },
  });
}

function busy(): Problem {
  return new Problem('session-busy', {
    detail: 'Earlier messages of this conversation are still waiting for their answers.',
    headers: { 'Retry-After': '2' },
  });
}

function present({ chat, located, place }: Omit<Accepting, 'address'>, accepted: AcceptedMessage): AcceptedChat {
  return {
    tenantId: located.tenantId,
    sessionId: accepted.sessionId,
    turnId: accepted.turnId,
    messageId: accepted.messageId,
    channel: chat.channel,
    isFirst: accepted.messageSeq === 1,
    isNew: located.session === null,
    isReplay: false,
    owner: accepted.owner,
    isAlone: accepted.openTurns === 1,
    place,
  };
}

function missingSession(): never {
  throw new Error('an accepted message without its session');
}
