import type { StubFault } from './stub-fault.ts';
import { countUserMessages, lastUserMessage, type StubRequest } from './stub-request.ts';

export interface StubAnswer {
  /** What is streamed one by one; joined, the content. */
  tokens: readonly string[];
  toolName: string | null;
}

const HEADER_RULE = 'Begin your answer with one header line';
const BIG_BYTES = 1024 * 1024;
const BIG_TOKEN_BYTES = 16 * 1024;
const ECHO_LENGTH_MAX = 8000;

/** `[[p]]` where a header is asked for, then `seen:<user messages> mark:<mark of the last one>`, then filler. */
export function stubAnswer(request: StubRequest, fault: StubFault | null, tokenCount: number): StubAnswer {
  if (fault === 'empty') return { tokens: [], toolName: null };
  const header = request.messages.some(({ content }) => content.includes(HEADER_RULE)) ? '[[p]]' : '';
  if (fault === 'big') return { tokens: [header, ...bigTokens()], toolName: null };
  if (fault === 'obey') return { tokens: [header + obey(request)], toolName: request.toolNames[0] ?? null };
  const mark = markOf(lastUserMessage(request));
  const words = [`${header}seen:${countUserMessages(request)}`, mark === null ? ' unmarked' : ` mark:${mark}`];
  if (words.length >= tokenCount) return { tokens: [words.join('')], toolName: null };
  const filler = Array.from({ length: tokenCount - words.length }, () => ' ok');
  return { tokens: [...words, ...filler], toolName: null };
}

/** A message carries its mark as `mark:` and letters, digits, `-` or `_`. */
export function markOf(message: string): string | null {
  return /\bmark:([\w-]{1,64})/.exec(message)?.[1] ?? null;
}

function bigTokens(): string[] {
  return Array.from({ length: BIG_BYTES / BIG_TOKEN_BYTES }, () => `${'big '.repeat(BIG_TOKEN_BYTES / 4 - 1)}ok. `);
}

/** The worst a model can do: it tells its instructions, repeats what it was told, and shows every address it saw. */
function obey(request: StubRequest): string {
  const texts = request.messages.map((message) => message.content);
  const told = texts.join('\n').slice(0, ECHO_LENGTH_MAX);
  const urls = texts.flatMap((text) => text.match(/https?:\/\/[^\s)"'<>\]]+/g) ?? []);
  const shown = [...new Set(urls)].map((url) => `![image](${url}) [link](${url})`);
  return [`As told: ${told}`, ...shown].join('\n');
}
