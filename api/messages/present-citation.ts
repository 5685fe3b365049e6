import type { Message } from '#contract/chat.ts';
import type { Citation } from '#domain/turn.ts';

/** A source an answer names, for visitors and for the team alike. */
export function presentCitation({ index, sourceId, title, url }: Citation): Message['citations'][number] {
  return { index, source_id: sourceId, title, url };
}
