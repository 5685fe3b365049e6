const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
export const REPORT_DAYS_MAX = 92;

/** Calendar days, both included; each as `2026-03-01`. */
export interface DayRange {
  from: string;
  to: string;
}

/** The days a report is asked for; null where they run backwards, or are too many. */
export function dayRange(
  asked: { from?: string | undefined; to?: string | undefined },
  { at, timeZone }: { at: Date; timeZone: string },
): DayRange | null {
  const to = asked.to ?? dayOf(at, timeZone);
  const from = asked.from ?? addDays(to, 1 - DEFAULT_DAYS);
  const count = (Date.parse(to) - Date.parse(from)) / DAY_MS + 1;
  return count >= 1 && count <= REPORT_DAYS_MAX ? { from, to } : null;
}

export function daysOf({ from, to }: DayRange): string[] {
  const days: string[] = [];
  for (let day = from; day <= to; day = addDays(day, 1)) days.push(day);
  return days;
}

function addDays(day: string, days: number): string {
  return new Date(Date.parse(day) + days * DAY_MS).toISOString().slice(0, 10);
}

/** The day on the wall at that place. */
function dayOf(at: Date, timeZone: string): string {
  return new Intl.DateTimeFormat('en-CA', { timeZone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(at);
}
