import { canonicalText, sha256 } from './canonical-text.ts';
import type { Snapshot } from './open-snapshot.ts';

interface Version {
  version: number;
  sha256: string;
  prev_sha256: string | null;
  content: string;
}

const VERSIONS = 'select b.version, b.sha256, b.prev_sha256, b.content from pricebook_version b order by b.version';

/** The published prices themselves: versions count from 1, each is its hash and names the one before. */
export async function* firstBrokenPricebooks(snapshot: Snapshot): AsyncGenerator<object> {
  let before: Version | null = null;
  for await (const book of snapshot.each<Version>(VERSIONS)) {
    const what = faultOf(book, before);
    if (what !== null) yield { version: book.version, what };
    before = book;
  }
}

function faultOf(book: Version, before: Version | null): string | null {
  if (book.version !== (before?.version ?? 0) + 1) return 'a version before it is missing';
  if (book.prev_sha256 !== (before?.sha256 ?? null)) return 'prev_sha256';
  if (sha256(`bob.pricebook.v1\n${book.content}`) !== book.sha256) return 'sha256';
  return canonicalText(JSON.parse(book.content)) === book.content ? null : 'content is not canonical';
}
