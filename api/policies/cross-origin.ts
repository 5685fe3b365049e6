/** Answers that hold nothing personal: every page may read them. */
const OPEN_PATHS = [/^\/api\/pricebook(\/|$)/, /^\/openapi\.json$/, /^\/\.well-known\//];

export function isOpenToEveryOrigin(path: string): boolean {
  return OPEN_PATHS.some((pattern) => pattern.test(path));
}
