import { createHash } from 'node:crypto';

/**
 * The canonical form of RFC 8785 for what Bob hashes: objects, arrays, strings, integers. Written once more on purpose;
 * a checker that shares the product's code would share its mistakes.
 */
export function canonicalText(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(canonicalText).join(',')}]`;
  if (typeof value !== 'object' || value === null) return JSON.stringify(value);
  const members = Object.entries(value).toSorted(([a], [b]) => (a < b ? -1 : 1));
  return `{${members.map(([name, member]) => `${JSON.stringify(name)}:${canonicalText(member)}`).join(',')}}`;
}

export function sha256(text: string): string {
  return createHash('sha256').update(text, 'utf8').digest('hex');
}

/** A domain tag on the first line keeps the hash of one kind of document from standing for another. */
export function taggedHash(tag: string, document: unknown): string {
  return sha256(`${tag}\n${canonicalText(document)}`);
}

/** How hashed documents name a row: `trn_` and the hex digits of its UUID. */
export function prefixed(prefix: string, uuid: string): string {
  return `${prefix}_${uuid.replaceAll('-', '')}`;
}
