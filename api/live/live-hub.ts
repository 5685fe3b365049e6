import { isId, type SessionId, type TurnId } from '#domain/ids.ts';

import type { BellChannel } from '#platform/doorbell.ts';

/** What can be watched: a conversation, a running turn, or whatever moves anywhere (the feeds of a whole tenant). */
export type Topic = SessionId | TurnId | 'everything';

/**
 * Who in this process wants to look again when something rings. It carries no facts: a watcher reads its rows behind
 * its own cursor, and looks each second by itself as well, so a ring that is lost costs a second.
 */
export interface LiveHub {
  /** Calls `onRing` at each ring, with nothing; gives back what ends the watch. */
  watch(topic: Topic, onRing: () => void): () => void;
  /** The doorbell: `turn_done`, `reply_chunk` or `session_changed`, with its ids. */
  hear(channel: BellChannel, payload: string): void;
  /** Something of this process happened that no doorbell was rung for. */
  ring(topics: readonly Topic[]): void;
  /** How many watch now. */
  size(): number;
}

export function createLiveHub(): LiveHub {
  const watchers = new Map<Topic, Set<() => void>>();

  function ring(topics: readonly Topic[]): void {
    for (const topic of topics) {
      for (const onRing of watchers.get(topic) ?? []) onRing();
    }
  }

  return {
    ring,
    watch(topic, onRing) {
      // One and the same function may watch twice; each watch ends alone.
      const watcher = () => onRing();
      const here = watchers.get(topic) ?? new Set();
      watchers.set(topic, here.add(watcher));
      return () => {
        here.delete(watcher);
        if (here.size === 0 && watchers.get(topic) === here) watchers.delete(topic);
      };
    },
    hear(channel, payload) {
      const topics = payload.split(' ').filter(isTopic);
      // A piece of an answer changes no list: only who follows that turn wants to know.
      ring(channel === 'reply_chunk' ? topics : [...topics, 'everything']);
    },
    size: () => [...watchers.values()].reduce((sum, here) => sum + here.size, 0),
  };
}

function isTopic(text: string): text is SessionId | TurnId {
  return isId('ses', text) || isId('trn', text);
}
