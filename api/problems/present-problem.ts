import type { ProblemBody } from '#contract/common.ts';
import { Problem, PROBLEMS } from '#contract/problems.ts';
import { isDatabaseAway } from '#platform/database-away.ts';

/** What the caller is told about an error; for errors nobody expected, only that it was our fault. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error)) {
    return new Problem('unavailable', {
      detail: 'The database cannot be reached. Nothing was changed; please send the request again.',
      headers: { 'Retry-After': '2' },
    });
  }
  return new Problem('internal', { detail: 'The request failed. The request id leads to the details in our log.' });
}

/** RFC 9457, as a body of its own or as the last event of a stream. */
export function presentProblem(
  problem: Problem,
  { path, requestId }: { path: string; requestId: string },
): ProblemBody {
  return {
    type: `/problems/${problem.slug}`,
    title: PROBLEMS[problem.slug].title,
    status: problem.status,
    detail: problem.message,
    instance: path,
    request_id: requestId,
    ...problem.extensions,
  };
}
