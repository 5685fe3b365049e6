import { areGiven, dropUnknownMarks, readGroundedText, readHeader } from './citation-header.ts';

/** What of a running answer may be shown: pieces go in as the model speaks, and what is safe by then comes out. */
export interface ReleasedText {
  take(piece: string): string;
  /** The answer is complete: what was still held back. */
  end(): string;
}

/** No header of ours is longer; what looks like a longer one is read as a whole, at its end. */
const HEADER_LENGTH_MAX = 256;
/** White space, bracket and three digits: a mark that may still be closed. */
const OPEN_MARK = /(?:\s?\[\d{0,3}|\s)$/;
const OPEN_MARK_LENGTH_MAX = 5;

/**
 * Cite first: nothing is shown before a valid header, nothing ever of an answer without one. Joined, what comes out is
 * the text that `readGroundedText` makes of the whole answer, however it is split; before the end it is a prefix of it.
 */
export function releaseGroundedText(passageCount: number): ReleasedText {
  const body = releaseBody(passageCount);
  let stage: 'header' | 'body' | 'whole' | 'silent' = 'header';
  let waiting = '';

  function takeHeader(piece: string): string {
    waiting += piece;
    const isComplete = waiting.includes(']]');
    if (!isComplete && waiting.length <= HEADER_LENGTH_MAX) return '';
    const header = isComplete ? readHeader(waiting) : null;
    if (header === null || !areGiven(header.grounds, passageCount)) {
      stage = isComplete ? 'silent' : 'whole';
      return '';
    }
    const { kind } = header.grounds;
    if (kind === 'passages' || kind === 'persona') {
      stage = 'body';
      return body.take(waiting.slice(header.length));
    }
    // Whether an answer without a claim makes none is known at its end; for one without grounds others speak.
    stage = kind === 'no_claim' ? 'whole' : 'silent';
    return '';
  }

  return {
    take(piece) {
      if (stage === 'header') return takeHeader(piece);
      if (stage === 'body') return body.take(piece);
      if (stage === 'whole') waiting += piece;
      return '';
    },
    end() {
      if (stage === 'body') return body.end();
      if (stage !== 'whole') return '';
      const read = readGroundedText(waiting, passageCount);
      return read.valid && read.grounds.kind !== 'unknown' ? read.text : '';
    },
  };
}

/** Without grounding the answer is its text; an answer of white space alone is none, so that waits for a word. */
export function releasePlainText(): ReleasedText {
  let blank: string | null = '';
  return {
    take(piece) {
      if (blank === null) return piece;
      blank += piece;
      if (piece.trim() === '') return '';
      const text = blank;
      blank = null;
      return text;
    },
    end: () => '',
  };
}

/** Marks of passages not given vanish, also split over pieces; white space at either end of the text is none of it. */
function releaseBody(passageCount: number): ReleasedText {
  let open = '';
  let space = '';
  let hasBegun = false;

  function show(text: string): string {
    const kept = hasBegun ? text : text.trimStart();
    const words = kept.trimEnd();
    if (words === '') {
      if (hasBegun) space += kept;
      return '';
    }
    const shown = space + words;
    space = kept.slice(words.length);
    hasBegun = true;
    return shown;
  }

  return {
    take(piece) {
      const text = open + piece;
      open = OPEN_MARK.exec(text.slice(-OPEN_MARK_LENGTH_MAX))?.[0] ?? '';
      return show(dropUnknownMarks(text.slice(0, text.length - open.length), passageCount));
    },
    end() {
      return show(dropUnknownMarks(open, passageCount));
    },
  };
}
