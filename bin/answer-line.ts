import type { ReplyChunk, TurnAnswer } from '#domain/turn.ts';

/** Who waits in this process: for answers, and for the text of running ones. */
export interface AnswerReceiver {
  deliver(answer: TurnAnswer): boolean;
  show(chunk: ReplyChunk): boolean;
}

/** Between worker and API of one process: words go straight to whoever waits, without a ring at the database. */
export interface AnswerLine extends AnswerReceiver {
  connect(receiver: AnswerReceiver): void;
}

/** Both say false when nobody in this process waits for that turn: then the doorbell is rung. */
export function openAnswerLine(): AnswerLine {
  let receiver: AnswerReceiver | null = null;
  return {
    deliver: (answer) => receiver?.deliver(answer) ?? false,
    show: (chunk) => receiver?.show(chunk) ?? false,
    connect(next) {
      receiver = next;
    },
  };
}
