import type { Fault } from '../fault.ts';
import { clientGone, parallelMessages, sameKey } from './client-faults.ts';
import { databaseSlow } from './database-faults.ts';
import { modelFaults } from './model-faults.ts';
import { overload } from './overload.ts';
import { allKilled, apiKilled, workerKilled } from './process-faults.ts';
import { postgresAway, temporalAway } from './server-faults.ts';

const FAULTS: readonly Fault[] = [
  apiKilled,
  workerKilled,
  temporalAway,
  postgresAway,
  modelFaults,
  clientGone,
  sameKey,
  parallelMessages,
  databaseSlow,
  overload,
  allKilled,
];

export const FAULT_IDS = FAULTS.map((fault) => fault.id);

export function findFault(id: string): Fault | null {
  return FAULTS.find((fault) => fault.id === id.toUpperCase()) ?? null;
}
