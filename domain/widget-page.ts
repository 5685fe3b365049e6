/** A host name of at least two labels and no address: `*.com` would be half of the world. */
export const BELOW_WILDCARD = /^(?!\d+\.\d+\.\d+\.\d+$)[a-z0-9_-]+(\.[a-z0-9_-]+)+$/;

/** Every entry that would let this origin in; one of them stands on the list, or it is not allowed. */
export function entriesFor(origin: string): string[] {
  const { protocol, hostname, port } = new URL(origin);
  const labels = hostname.split('.');
  const parents = labels.slice(1).map((_, index) => labels.slice(index + 1).join('.'));
  const suffix = port === '' ? '' : `:${port}`;
  const wildcards = parents.filter((parent) => BELOW_WILDCARD.test(parent));
  return [origin, ...wildcards.map((parent) => `${protocol}//*.${parent}${suffix}`)];
}

/** FNV-1a, 32 bits: a page can tell whether it is listed, and cannot read the names of the others. */
export function hashOfOrigin(origin: string): string {
  let hash = 0x811c9dc5;
  for (const letter of origin) hash = Math.imul(hash ^ (letter.codePointAt(0) ?? 0), 0x01000193);
  return (hash >>> 0).toString(16).padStart(8, '0');
}
