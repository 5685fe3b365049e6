/** Where an answer's words come from, as the model must say before its first word. */
export type Grounds =
  | { kind: 'passages'; cited: readonly number[] }
  | { kind: 'persona' }
  | { kind: 'no_claim' }
  | { kind: 'unknown' };

export type GroundedText = { valid: true; grounds: Grounds; text: string } | { valid: false };

const HEADER = /^\s*\[\[\s*(\d+(?:\s*,\s*\d+)*|p|-|none)\s*\]\]\s*/;
const MARK = /\s?\[(\d{1,3})\]/g;
const NO_CLAIM_MAX_LENGTH = 300;
const CLAIM = /\d|https?:|www\./i;

/**
 * Splits a model's answer into its citation header and its text (governance: cite first). Invalid: no header, a passage
 * that was not given, or a "no claim" answer that does claim something. Marks of passages not given are taken out.
 */
export function readGroundedText(answer: string, passageCount: number): GroundedText {
  const header = readHeader(answer);
  if (header === null || !areGiven(header.grounds, passageCount)) return { valid: false };
  const text = dropUnknownMarks(answer.slice(header.length), passageCount).trim();
  return areSound(header.grounds, text) ? { valid: true, grounds: header.grounds, text } : { valid: false };
}

export interface CitationHeader {
  grounds: Grounds;
  /** Where the text begins. */
  length: number;
}

/** The header alone, of a whole answer or of one that has just begun; null where there is none. */
export function readHeader(answer: string): CitationHeader | null {
  const header = HEADER.exec(answer);
  return header === null ? null : { grounds: groundsOf(header[1] ?? ''), length: header[0].length };
}

/** Whether every passage it names was in the prompt. */
export function areGiven(grounds: Grounds, passageCount: number): boolean {
  return grounds.kind !== 'passages' || grounds.cited.every((number) => number >= 1 && number <= passageCount);
}

function groundsOf(content: string): Grounds {
  if (content === 'p') return { kind: 'persona' };
  if (content === '-') return { kind: 'no_claim' };
  if (content === 'none') return { kind: 'unknown' };
  return { kind: 'passages', cited: [...new Set(content.split(',').map(Number))] };
}

function areSound(grounds: Grounds, text: string): boolean {
  switch (grounds.kind) {
    case 'passages':
    case 'persona':
      return text !== '';
    case 'no_claim':
      return text !== '' && text.length <= NO_CLAIM_MAX_LENGTH && !CLAIM.test(text);
    case 'unknown':
      return true;
  }
}

export function dropUnknownMarks(text: string, passageCount: number): string {
  return text.replaceAll(MARK, (mark, number: string) =>
    Number(number) >= 1 && Number(number) <= passageCount ? mark : '',
  );
}
