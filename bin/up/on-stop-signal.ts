const SIGNALS = ['SIGINT', 'SIGTERM', 'SIGHUP'] as const;
// One Ctrl-C may arrive twice: from the terminal, and again from npm or the launcher that pass it on.
const SAME_PRESS_MS = 1000;

/** The first signal asks to stop, a second one to hurry. */
export function onStopSignal(stop: (how: { hurry: boolean }) => void): void {
  let firstAt: number | null = null;
  const heard = (): void => {
    const now = performance.now();
    if (firstAt === null) {
      firstAt = now;
      stop({ hurry: false });
    } else if (now - firstAt > SAME_PRESS_MS) {
      stop({ hurry: true });
    }
  };
  for (const signal of SIGNALS) process.on(signal, heard);
}
