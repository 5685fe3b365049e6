/** The names under which Temporal keeps the sweeper going. */
export const MAINTENANCE_TASK_QUEUE = 'maintenance';
export const SWEEP_WORKFLOW = 'sweepLeftovers';
export const SWEEP_SCHEDULE_ID = 'bob-sweep';
/** The worker's own loop sweeps more often; this one goes on when no loop does. */
export const SWEEP_EVERY_MS = 60_000;
