/** Passages count from 1, as the prompt numbers them. */
export interface Passage {
  number: number;
  title: string;
  text: string;
}

export interface Prompt {
  persona: string;
  passages: readonly Passage[];
  wantsHeader: boolean;
}

const HEADER_RULE = 'Begin your answer with one header line';
const PASSAGES_LINE = /^Passages:[ \t]*$/m;

/** Takes a system message apart: persona, the rule about the header, passages as `[n] title: text`. */
export function readPrompt(system: string): Prompt {
  const found = PASSAGES_LINE.exec(system);
  const head = found === null ? system : system.slice(0, found.index);
  const tail = found === null ? '' : system.slice(found.index + found[0].length);
  return { persona: personaOf(head), passages: passagesOf(tail), wantsHeader: head.includes(HEADER_RULE) };
}

function personaOf(head: string): string {
  const rule = head.indexOf(HEADER_RULE);
  if (rule === -1) return head.trim();
  const paragraph = head.lastIndexOf('\n\n', rule);
  return (paragraph === -1 ? head.slice(0, rule) : head.slice(0, paragraph)).trim();
}

function passagesOf(tail: string): Passage[] {
  const blocks = tail.split(/^(?=\[\d+\] )/m);
  return blocks.flatMap((block) => {
    const parts =
      /^\[(\d+)\] ([^\n]*?): ?([\s\S]*)$/.exec(block.trim()) ?? /^\[(\d+)\] ()([\s\S]*)$/.exec(block.trim());
    if (parts === null) return [];
    return [{ number: Number(parts[1]), title: parts[2] ?? '', text: (parts[3] ?? '').trim() }];
  });
}
