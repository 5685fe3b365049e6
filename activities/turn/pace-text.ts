/** Collects text and sends it in pieces of a size that a reader likes. */
export interface PacedText {
  offer(text: string): void;
  /** Resolves when everything is sent, or refused, and nothing is on its way any more. */
  finish(): Promise<void>;
  /** Nothing more is sent. */
  halt(): void;
}

const PAUSE_MS = 50;
const LENGTH_ENOUGH = 200;

/** The first words leave at once, then some every 50 ms or 200 characters; one piece at a time, so order is theirs. */
export function paceText(send: (text: string) => Promise<void>): PacedText {
  let waiting = '';
  let isHalted = false;
  let leaving: Promise<void> | null = null;
  let pause: NodeJS.Timeout | null = null;

  function leaveIfDue(): void {
    if (waiting === '' || leaving !== null) return;
    if (pause === null || waiting.length >= LENGTH_ENOUGH) leave();
  }

  function leave(): void {
    const text = waiting;
    waiting = '';
    endPause();
    pause = setTimeout(() => {
      pause = null;
      leaveIfDue();
    }, PAUSE_MS);
    leaving = send(text).finally(() => {
      leaving = null;
      leaveIfDue();
    });
  }

  function endPause(): void {
    if (pause !== null) clearTimeout(pause);
    pause = null;
  }

  async function finish(): Promise<void> {
    await leaving;
    if (waiting === '') return endPause();
    if (leaving === null) leave();
    return finish();
  }

  return {
    offer(text) {
      if (isHalted) return;
      waiting += text;
      leaveIfDue();
    },
    finish,
    halt() {
      isHalted = true;
      waiting = '';
      endPause();
    },
  };
}
