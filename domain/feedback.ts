/** Why an answer was rated as it was, in words a program can count. */
export const FEEDBACK_REASONS = [
  'incorrect',
  'incomplete',
  'outdated',
  'unclear',
  'off_topic',
  'tone',
  'other',
] as const;
export type FeedbackReason = (typeof FEEDBACK_REASONS)[number];

export type Rating = 'up' | 'down';

/** A reason may be given in free words. Those are the visitor's and stay here: events say only that there were some. */
export function reasonCodeOf(reason: string | null): FeedbackReason | null {
  if (reason === null) return null;
  return FEEDBACK_REASONS.find((code) => code === reason) ?? 'other';
}
