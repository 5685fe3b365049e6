import type { TurnAnswer } from '#domain/turn.ts';

/** Between worker and API of one process: an answer goes straight to whoever waits, without a word to the database. */
export interface AnswerLine {
  /** False when nobody in this process waits for it. */
  deliver(answer: TurnAnswer): boolean;
  connect(receive: (answer: TurnAnswer) => boolean): void;
}

export function openAnswerLine(): AnswerLine {
  let receiver: ((answer: TurnAnswer) => boolean) | null = null;
  return {
    deliver: (answer) => receiver?.(answer) ?? false,
    connect(receive) {
      receiver = receive;
    },
  };
}
