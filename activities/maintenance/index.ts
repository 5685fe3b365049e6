import { withoutWords } from '../without-words.ts';
import { sweepAll, type SweepDeps } from './sweep.ts';

export function createMaintenanceActivities(deps: SweepDeps) {
  return { sweep: withoutWords<void, void>(deps.logger, () => sweepAll(deps)) };
}

export type MaintenanceActivities = ReturnType<typeof createMaintenanceActivities>;
