import { Problem } from '#contract/problems.ts';

/** Over the limit only adding is refused: everybody who is in stays in. */
export function seatLimitReached(limit: number): Problem {
  return new Problem('seat-limit-reached', {
    detail: `The plan has ${limit} seats, and all are taken by members and open invites.`,
    extensions: { seats: limit },
  });
}
