/**
 * The lowest id that a row made at this moment can have. Ids begin with the time of their making (UUIDv7), so the
 * primary key finds the rows of a stretch of time, and no hot table carries an index for reports. An hour of slack on
 * either side covers clocks that differ; the row's own time decides.
 */
export function idFrom(moment: string, slack: 'before' | 'after'): string {
  const sign = slack === 'before' ? '-' : '+';
  return `cast(lpad(to_hex(cast(extract(epoch from ${moment} ${sign} interval '1 hour') * 1000 as bigint)), 12, '0')
    || repeat('0', 20) as uuid)`;
}
