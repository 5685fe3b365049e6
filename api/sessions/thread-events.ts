import type { TurnId } from '#domain/ids.ts';
import type { LiveState } from '#models/read/live-state.ts';
import type { TranscriptMessage } from '#models/read/transcript.ts';

import type { StreamEvent } from '../live/event-text.ts';
import { presentThreadMessage } from './presenter.ts';

/** The last piece of a running answer that a reader has. */
export interface ShownPiece {
  turnId: TurnId;
  attempt: number;
  seq: number;
}

export interface ThreadEvents {
  /** What follows from a look at the rows: messages first, then who speaks, then the running answer. */
  tell(state: LiveState, messages: readonly TranscriptMessage[]): StreamEvent[];
  /** The number of the last message told. */
  after(): number;
  shown(): ShownPiece | null;
}

/**
 * The events of one reader of a live thread. Deltas belong to the turn they name, until its message comes in their
 * place or a reset says that they are void. Ids are the number of the last message: text of a running answer is told
 * anew to whoever comes back.
 */
export function createThreadEvents(from: number): ThreadEvents {
  let after = from;
  let shown: ShownPiece | null = null;
  let epoch: number | null = null;
  let status: LiveState['state'] | null = null;

  const event = (name: string, data: object): StreamEvent => ({ id: String(after), event: name, data });

  function tellMessage(message: TranscriptMessage): StreamEvent {
    after = message.seq;
    if (message.turnId === shown?.turnId && message.author === 'ai') shown = null;
    return event('message', presentThreadMessage(message));
  }

  function tellOwner(state: LiveState): StreamEvent[] {
    if (state.epoch === epoch && state.state === status) return [];
    ({ epoch, state: status } = state);
    const at = state.ownerSince.toISOString();
    return [event('owner', { owner: state.owner, owner_epoch: state.epoch, status: state.state, at })];
  }

  function tellPieces({ running, pieces }: LiveState, settled: ReadonlySet<TurnId | null>): StreamEvent[] {
    // Read before the messages: what became a message meanwhile is not told a second time behind it.
    const current = running === null || settled.has(running.turnId) ? null : running;
    const isSame = current !== null && current.turnId === shown?.turnId && current.attempt === shown.attempt;
    const reset = shown === null || isSame ? [] : [event('reset', { turn_id: shown.turnId })];
    if (!isSame) shown = null;
    if (current === null) return reset;
    const deltas = pieces.map(({ seq, text }) => {
      shown = { ...current, seq };
      return event('delta', { turn_id: current.turnId, delta: text });
    });
    return [...reset, ...deltas];
  }

  return {
    tell(state, messages) {
      const settled = new Set(messages.filter(({ author }) => author === 'ai').map(({ turnId }) => turnId));
      return [...messages.map(tellMessage), ...tellOwner(state), ...tellPieces(state, settled)];
    },
    after: () => after,
    shown: () => shown,
  };
}
