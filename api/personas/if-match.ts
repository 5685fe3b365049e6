/** Whether the caller's `If-Match` (RFC 9110 section 13.1.1) names this content; without the header everything does. */
export function matcherOf(header: string): (contentHash: string) => boolean {
  if (header === '' || header.trim() === '*') return () => true;
  const tags = new Set(header.split(',').map((tag) => tag.trim()));
  return (contentHash) => tags.has(`"${contentHash}"`);
}
