import { createHash } from 'node:crypto';

import { isId, type TurnId } from '#domain/ids.ts';
import type { ReplyChunk } from '#domain/turn.ts';
import type { ChunkCursor } from '#models/read/reply-chunks.ts';

import type { StreamEvent } from '../live/event-text.ts';

/** Where a reader stands: the turn whose pieces it has, and the last of them. The `id` of every event. */
export interface StreamPlace extends ChunkCursor {
  turnId: TurnId;
}

const PLACE = /^(trn_[0-9a-f]{32})\.(\d{1,9})\.(\d{1,9})$/;

/** What a reader sends as `Last-Event-ID`; null for anything we did not write. */
export function readPlace(lastEventId: string): StreamPlace | null {
  const [, turnId = '', attempt, seq] = PLACE.exec(lastEventId) ?? [];
  if (!isId('trn', turnId)) return null;
  return { turnId, attempt: Number(attempt), seq: Number(seq) };
}

export interface ReplyEvents {
  /** An event that adds no text: it carries the place reached so far. */
  tell(event: 'accepted' | 'status' | 'done' | 'error', data: unknown): StreamEvent;
  show(chunks: readonly ReplyChunk[]): StreamEvent[];
  /** Goes over to the turn that answers in place of this one; `shown` is what the reader has of that one. */
  goTo(place: StreamPlace, shown: string | null): StreamEvent[];
  /** What is still missing of the reply that is on record. A reader then has exactly that. */
  complete(reply: string | null): StreamEvent[];
  /** Whether the reply on record is what was shown. */
  isComplete(reply: string | null): boolean;
  place(): StreamPlace;
}

/**
 * The events of one reader, in the format's own rules: the deltas since the last reset, joined, are the reply. `shown`
 * is what the reader has already, null where that can no longer be told: then `done` alone has the words.
 */
export function createReplyEvents(from: StreamPlace, shown: string | null): ReplyEvents {
  let place = from;
  let text = shownText(shown);

  const event = (name: string, data: unknown): StreamEvent => ({
    id: `${place.turnId}.${place.attempt}.${place.seq}`,
    event: name,
    data,
  });

  function startOver(next: StreamPlace, has: string | null = ''): StreamEvent[] {
    const hasSome = place.seq > 0;
    place = next;
    text = shownText(has);
    return hasSome ? [event('reset', {})] : [];
  }

  function delta(words: string): StreamEvent {
    place = { ...place, seq: place.seq + 1 };
    text.add(words);
    return event('delta', { delta: words });
  }

  function showOne(chunk: ReplyChunk): StreamEvent[] {
    const { attempt, seq } = chunk;
    const reset = attempt === place.attempt ? [] : startOver({ ...place, attempt, seq: 0 });
    // A piece lost with the database leaves its number out; the reply on record brings it back.
    place = { ...place, seq: seq - 1 };
    return [...reset, delta(chunk.text)];
  }

  return {
    tell: event,
    show: (chunks) => chunks.flatMap(showOne),
    goTo: startOver,
    isComplete: (reply) => text.restOf(reply ?? '') === '',
    complete(reply) {
      if (!text.isKnown()) return [];
      const rest = text.restOf(reply ?? '');
      if (rest !== null) return rest === '' ? [] : [delta(rest)];
      const reset = startOver({ ...place, attempt: place.attempt + 1, seq: 0 });
      return reply === null || reply === '' ? reset : [...reset, delta(reply)];
    },
    place: () => place,
  };
}

/** Length and hash of what was shown: a stream that goes on for long keeps no words. */
function shownText(shown: string | null) {
  const hash = createHash('sha256').update(shown ?? '');
  let length = shown?.length ?? 0;
  const isKnown = shown !== null;
  return {
    isKnown: () => isKnown,
    add(words: string): void {
      hash.update(words);
      length += words.length;
    },
    /** What follows in the reply, null where it does not begin with what was shown. */
    restOf(reply: string): string | null {
      if (!isKnown) return null;
      const start = createHash('sha256').update(reply.slice(0, length)).digest();
      return hash.copy().digest().equals(start) && reply.length >= length ? reply.slice(length) : null;
    },
  };
}
