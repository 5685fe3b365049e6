/** What the demo prints: headings, aligned facts, and what it waits for. */
export interface DemoScreen {
  heading(title: string, note?: string): void;
  fact(name: string, value: string): void;
  line(text: string): void;
  /** Asks again until `look` gives something; says every few seconds what it still waits for. */
  waitFor<Seen>(what: string, look: () => Promise<Seen | null> | Seen | null): Promise<Seen>;
}

const NAME_WIDTH = 10;
const WRAP = 96;
const POLL_MS = 100;
const TELL_EVERY_MS = 3000;
const PATIENCE_MS = 30_000;

export function openDemoScreen({
  write,
  pause,
  fail,
}: {
  write: (text: string) => void;
  pause: (ms: number) => Promise<unknown>;
  fail: (sentence: string) => Error;
}): DemoScreen {
  let steps = 0;
  const line = (text: string): void => write(`   ${text}\n`);
  return {
    line,
    heading(title, note = '') {
      steps += 1;
      write(`\n${steps}. ${title}${note === '' ? '' : `  (${note})`}\n`);
    },
    fact(name, value) {
      const [first = '', ...rest] = wrap(value);
      line(`${name.padEnd(NAME_WIDTH)}${first}`);
      for (const text of rest) line(`${' '.repeat(NAME_WIDTH)}${text}`);
    },
    async waitFor(what, look) {
      const startedAt = performance.now();
      let toldAt = startedAt;
      for (;;) {
        const seen = await look();
        if (seen !== null) return seen;
        const now = performance.now();
        if (now - startedAt > PATIENCE_MS) throw fail(`Waited ${PATIENCE_MS / 1000} s in vain for ${what}.`);
        if (now - toldAt > TELL_EVERY_MS) {
          toldAt = now;
          line(`… still waiting for ${what} (${Math.round((now - startedAt) / 1000)} s)`);
        }
        await pause(POLL_MS);
      }
    },
  };
}

function wrap(text: string): string[] {
  if (text.length <= WRAP) return [text];
  const lines: string[] = [];
  let current = '';
  for (const word of text.split(/\s+/)) {
    if (current !== '' && current.length + word.length + 1 > WRAP) {
      lines.push(current);
      current = word;
    } else {
      current = current === '' ? word : `${current} ${word}`;
    }
  }
  return [...lines, current];
}
