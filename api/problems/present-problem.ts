import type { ProblemBody } from '#contract/common.ts';
import { Problem, PROBLEMS } from '#contract/problems.ts';
import { isDatabaseAway, isDatabaseBusy } from '#platform/database-away.ts';

/** What the caller is told about an error; for errors nobody expected, only that it was our fault. */
export function problemOf(error: unknown): Problem {
  if (error instanceof Problem) return error;
  if (isDatabaseAway(error)) return comeBack('The database cannot be reached.');
  if (isDatabaseBusy(error)) return comeBack('The database is busy.');
  return new Problem('internal', { detail: 'The request failed. The request id leads to the details in our log.' });
}

function comeBack(reason: string): Problem {
  return new Problem('unavailable', {
    detail: `${reason} Nothing was changed; please send the request again.`,
    headers: { 'Retry-After': '2' },
  });
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
