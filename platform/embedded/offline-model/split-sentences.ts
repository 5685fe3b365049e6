import { readTables } from './read-tables.ts';

const SEGMENTER = new Intl.Segmenter('en', { granularity: 'sentence' });
const SENTENCE_LENGTH_MAX = 400;

/** Sentences of a passage in reading order; headings, list items and table cells stand for themselves. */
export function splitSentences(text: string): string[] {
  return joinWrapped(readTables(text)).flatMap((line) =>
    [...SEGMENTER.segment(line)]
      .map((part) => shorten(part.segment.trim()))
      .filter((each) => /[\p{L}\p{N}]/u.test(each)),
  );
}

/** A line that starts in lower case goes on where the line before it stopped. */
function joinWrapped(text: string): string[] {
  const lines: string[] = [];
  for (const raw of text.split('\n')) {
    const line = raw.replace(/^\s*(?:#{1,6}|[-*•])\s+/, '').trim();
    const before = lines.at(-1);
    if (before !== undefined && before !== '' && /^\p{Ll}/u.test(line) && !/[.!?:;|]$/.test(before)) {
      lines[lines.length - 1] = `${before} ${line}`;
    } else {
      lines.push(line);
    }
  }
  return lines;
}

function shorten(sentence: string): string {
  if (sentence.length <= SENTENCE_LENGTH_MAX) return sentence;
  return `${sentence.slice(0, SENTENCE_LENGTH_MAX).replace(/\s+\S*$/, '')}…`;
}
