import { OUTCOMES, type Outcome } from '#domain/turn.ts';

/** One column per outcome, named as it. */
export function outcomeCounts(column: string): string {
  return OUTCOMES.map((name) => `(count(*) filter (where ${column} = '${name}'))::integer as ${name}`).join(', ');
}

const NONE: Readonly<Record<Outcome, number>> = {
  answered: 0,
  refused: 0,
  blocked: 0,
  escalated: 0,
  credit_stopped: 0,
  suppressed_by_human: 0,
  superseded: 0,
  failed: 0,
};

/** The columns again; zeros where there was no row. */
export function readOutcomeCounts(row: Record<Outcome, number> = NONE): Record<Outcome, number> {
  const { answered, refused, blocked, escalated, credit_stopped, suppressed_by_human, superseded, failed } = row;
  return { answered, refused, blocked, escalated, credit_stopped, suppressed_by_human, superseded, failed };
}
