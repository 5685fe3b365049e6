import { isGrpcServiceError } from '@temporalio/client';

import { systemClock } from '../clock.ts';
import { openTemporalClient, type TemporalEnv } from '../temporal.ts';
import { CannotStart } from './cannot-start.ts';
import { checkAddress } from './check-reachable.ts';

const TIMEOUT_MS = 5000;
const NOT_FOUND: number = 5;

/** A Temporal of your own, asked once before anything starts: is it there, does it let us in, has it our namespace? */
export async function checkTemporal(env: TemporalEnv & { TEMPORAL_ADDRESS: string }): Promise<void> {
  const { TEMPORAL_ADDRESS: address, TEMPORAL_NAMESPACE: namespace } = env;
  await checkAddress('TEMPORAL_ADDRESS', address);
  const { client, close } = openTemporalClient(env);
  try {
    await client.withDeadline(systemClock.now().getTime() + TIMEOUT_MS, () =>
      client.workflowService.describeNamespace({ namespace }),
    );
  } catch (error) {
    throw new CannotStart(sentenceOf(error, { address, namespace }));
  } finally {
    await close();
  }
}

function isNotFound({ code }: { code: number }): boolean {
  return code === NOT_FOUND;
}

function sentenceOf(error: unknown, { address, namespace }: { address: string; namespace: string }): string {
  if (isGrpcServiceError(error) && isNotFound(error)) {
    const remedy = `temporal operator namespace create --address ${address} --namespace ${namespace}`;
    return `TEMPORAL_NAMESPACE: the server at ${address} has no namespace "${namespace}". Create it: ${remedy}`;
  }
  const reason = isGrpcServiceError(error) ? error.details : String(error);
  return `TEMPORAL_ADDRESS: no use can be made of the Temporal server at ${address}: ${reason}`;
}
