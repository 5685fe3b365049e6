import { sweepAll, type SweepDeps } from './sweep.ts';

export function createMaintenanceActivities(deps: SweepDeps) {
  return { sweep: () => sweepAll(deps) };
}

export type MaintenanceActivities = ReturnType<typeof createMaintenanceActivities>;
