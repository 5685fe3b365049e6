/**
 * What pages of other origins may do with a route:
 * - `listed`: the chat of the widget. Only pages on some tenant's list, each named in its answer.
 * - `asset`: the scripts that pages load. Everybody may, since they hold nothing of anybody.
 * - `open`: answers that are the same for everyone.
 * - `own`: everything else, where signed-in people and our own pages work.
 */
export type RouteFamily = 'listed' | 'asset' | 'open' | 'own';

/** The set-up of the widget (`/api/widget/keys` and its like) is done signed in, from our own pages: not listed. */
const FAMILIES: readonly { pattern: RegExp; family: RouteFamily }[] = [
  { pattern: /^\/api\/widget\/chat(\/|$)/, family: 'listed' },
  { pattern: /^\/widget\//, family: 'asset' },
  { pattern: /^\/api\/pricebook(\/|$)/, family: 'open' },
  { pattern: /^\/openapi\.json$/, family: 'open' },
  { pattern: /^\/\.well-known\//, family: 'open' },
];

export function familyOf(path: string): RouteFamily {
  return FAMILIES.find(({ pattern }) => pattern.test(path))?.family ?? 'own';
}
