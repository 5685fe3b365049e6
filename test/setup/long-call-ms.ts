import process from 'node:process';

/** How long a long model call takes: LONG_CALL_MS, or a few heartbeats of a workflow task (2.4 s each). */
export function longCallMs(): number {
  return Number(process.env['LONG_CALL_MS'] ?? 10_000);
}
