import type { ReplyChunk, TurnAnswer } from '#domain/turn.ts';
import type { BellChannel } from '#platform/doorbell.ts';

/** Who waits in this process: for answers, and for the text of running ones. */
export interface AnswerReceiver {
  deliver(answer: TurnAnswer): boolean;
  show(chunk: ReplyChunk): boolean;
}

type Hear = (channel: BellChannel, payload: string) => void;

/**
 * Between worker and API of one process: words go straight to whoever waits, and a stop to the turn that runs, without
 * the way through the database.
 */
export interface AnswerLine extends AnswerReceiver {
  connect(receiver: AnswerReceiver): void;
  /** What the API rings for. */
  ring: Hear;
  hear(hear: Hear): void;
}

/** Both say false when nobody in this process waits for that turn: then the doorbell is rung. */
export function openAnswerLine(): AnswerLine {
  let receiver: AnswerReceiver | null = null;
  let worker: Hear | null = null;
  return {
    deliver: (answer) => receiver?.deliver(answer) ?? false,
    show: (chunk) => receiver?.show(chunk) ?? false,
    connect(next) {
      receiver = next;
    },
    ring: (channel, payload) => worker?.(channel, payload),
    hear(next) {
      worker = next;
    },
  };
}
