import { releaseGroundedText, releasePlainText } from '#domain/release-text.ts';
import { releaseText } from '#models/commands/release-text.ts';

import type { PaidTurn } from './hold-credits.ts';
import { paceText } from './pace-text.ts';
import type { TurnDeps } from './turn-deps.ts';

/** What leaves of a running answer before its end. */
export interface AnswerRelease {
  /** Begins to read one answer of the model: its pieces go in, what may be shown leaves by itself. */
  read(): { take(piece: string): void; end(): void };
  /** Resolves when all that may be shown is shown, or refused, and nothing is on its way any more. */
  finish(): Promise<void>;
  /** Nothing more leaves. */
  halt(): void;
  /** What this try has shown so far. */
  shown(): string;
  /** Nothing has left, and nothing is on its way. */
  isUntouched(): boolean;
}

/** For a caller that waits for the whole answer. */
export const NO_RELEASE: AnswerRelease = {
  read: () => ({ take: () => undefined, end: () => undefined }),
  finish: () => Promise.resolve(),
  halt: () => undefined,
  shown: () => '',
  isUntouched: () => true,
};

/** Each piece is stored under the fence, and only then shown; once one is refused, none follows. */
export function releaseAnswer(
  { stream, showText, logger }: TurnDeps,
  { opened, passages }: PaidTurn,
  onRefused: () => void,
): AnswerRelease {
  const { tenantId, turnId, attempt } = opened;
  const paced = paceText(send);
  let shown = '';
  let sent = 0;

  async function send(text: string): Promise<void> {
    sent += 1;
    const chunk = { tenantId, turnId, attempt, seq: sent, text };
    try {
      if (await releaseText(stream, chunk, opened)) {
        shown += text;
        showText(chunk);
        return;
      }
      sent -= 1;
      onRefused();
    } catch (error) {
      // Whether it was stored is unknown, so no other piece may follow: readers get the rest with the reply.
      logger.warn({ error, turnId }, 'text not released');
    }
    paced.halt();
  }

  return {
    read() {
      const isGrounded = opened.persona.snapshot.grounding.mode !== 'off';
      const text = isGrounded ? releaseGroundedText(passages.length) : releasePlainText();
      return { take: (piece) => paced.offer(text.take(piece)), end: () => paced.offer(text.end()) };
    },
    finish: () => paced.finish(),
    halt: () => paced.halt(),
    shown: () => shown,
    isUntouched: () => sent === 0,
  };
}
