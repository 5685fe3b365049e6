import { PROBLEMS, type ProblemSlug } from './problems.ts';
import type { RouteDocument } from './routes/route-document.ts';

/** What each property of a route lets it answer with. */
const RULES: readonly { applies: (route: RouteDocument) => boolean; slugs: readonly ProblemSlug[] }[] = [
  { applies: () => true, slugs: ['malformed-request', 'malformed-url', 'internal', 'unavailable'] },
  { applies: ({ access }) => access !== 'public', slugs: ['unauthenticated'] },
  { applies: ({ access }) => access !== 'public' && access !== 'signed-in', slugs: ['forbidden'] },
  {
    applies: ({ access, method }) => access !== 'public' && method !== 'get',
    slugs: ['csrf-failed', 'tenant-suspended'],
  },
  { applies: ({ isUnlimited }) => isUnlimited !== true, slugs: ['rate-limited'] },
  { applies: ({ params }) => params !== undefined, slugs: ['not-found'] },
  { applies: ({ query }) => query !== undefined, slugs: ['invalid-query'] },
  {
    applies: ({ body }) => body !== undefined,
    slugs: ['malformed-body', 'body-too-large', 'unsupported-media-type', 'invalid-body'],
  },
  {
    applies: ({ idempotent }) => idempotent === true,
    slugs: ['invalid-header', 'idempotency-running', 'idempotency-mismatch'],
  },
];

/** The problems a route can answer with, by status, as OpenAPI lists them. */
export function problemsByStatus(route: RouteDocument): Map<number, ProblemSlug[]> {
  const implied = RULES.filter(({ applies }) => applies(route)).flatMap(({ slugs }) => slugs);
  const byStatus = new Map<number, ProblemSlug[]>();
  for (const slug of new Set([...implied, ...(route.problems ?? [])])) {
    const { status } = PROBLEMS[slug];
    byStatus.set(status, [...(byStatus.get(status) ?? []), slug]);
  }
  return byStatus;
}
