import type { Outcome } from '#domain/turn.ts';
import { z } from 'zod';

import { CreditAmount, Timestamp } from './common.ts';

const Day = z.iso.date();
/** Of years that can have reports; the database knows no year 0. */
const ReportDay = Day.refine((day) => day.startsWith('2'), 'Expected a day of this millennium');

export const OverviewQuery = z.object({
  from: ReportDay.optional().meta({ description: 'First day; 29 days before the last one without it' }),
  to: ReportDay.optional().meta({ description: 'Last day, included; today without it' }),
});
export type OverviewQuery = z.infer<typeof OverviewQuery>;

const Count = z.int().min(0);

const OUTCOME_COUNTS = {
  answered: Count,
  refused: Count,
  blocked: Count,
  escalated: Count,
  credit_stopped: Count,
  suppressed_by_human: Count,
  superseded: Count,
  failed: Count,
} satisfies Record<Outcome, typeof Count>;
const Outcomes = z.object(OUTCOME_COUNTS).meta({ id: 'OutcomeCounts' });

const ResponseTime = z
  .object({ p50_ms: z.int().nullable(), p95_ms: z.int().nullable() })
  .meta({ id: 'ResponseTime', description: 'From a message to Bob’s reply; null where he made none' });

const Figures = {
  sessions: Count.meta({ description: 'Conversations that began' }),
  turns: Count.meta({ description: 'Messages that Bob was to answer' }),
  outcomes: Outcomes,
  handoffs: Count,
  response_time: ResponseTime,
  credits: CreditAmount,
};

export const Overview = z
  .object({
    from: Day,
    to: Day,
    time_zone: z.string().meta({ description: 'The tenant’s; days begin and end by it' }),
    totals: z.object(Figures),
    by_day: z.array(z.object({ day: Day, ...Figures })),
  })
  .meta({ id: 'AnalyticsOverview' });
export type Overview = z.infer<typeof Overview>;

export const BusinessMetrics = z
  .object({
    at: Timestamp,
    tenants: z.object({ active: Count, suspended: Count }),
    sessions: z.object({ active: Count.meta({ description: 'With a message in the last minutes' }) }),
    turns: z.object({ unfinished: Count }),
    last_24_hours: z.object({
      sessions: Count,
      turns: Count,
      outcomes: Outcomes,
      credits: CreditAmount,
      deliveries: z.object({ delivered: Count, pending: Count, exhausted: Count, cancelled: Count }),
      failures: z.object({ turns: Count, deliveries: Count }),
    }),
  })
  .meta({ id: 'BusinessMetrics' });
export type BusinessMetrics = z.infer<typeof BusinessMetrics>;
