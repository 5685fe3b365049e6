import { Connection } from '@temporalio/client';
import { msToTs } from '@temporalio/common/lib/time.js';

const KEYWORD = 2;
/** What the product finds its sessions by. */
const SEARCH_ATTRIBUTES = { BobTenant: KEYWORD, BobChannel: KEYWORD, BobOwner: KEYWORD };
const CONNECT_TIMEOUT_MS = 2000;
const ALREADY_EXISTS = 6;

/** Makes what is missing; null as long as some part of the server does not know of it yet. */
export async function openNamespace(address: string, namespace: string): Promise<true | null> {
  const connection = await Connection.connect({ address, connectTimeout: CONNECT_TIMEOUT_MS });
  const { workflowService, operatorService } = connection;
  try {
    await unlessThere(() =>
      workflowService.registerNamespace({ namespace, workflowExecutionRetentionPeriod: msToTs('1 day') }),
    );
    await unlessThere(() => operatorService.addSearchAttributes({ namespace, searchAttributes: SEARCH_ATTRIBUTES }));
    await workflowService.describeNamespace({ namespace });
    const { customAttributes } = await operatorService.listSearchAttributes({ namespace });
    return Object.keys(SEARCH_ATTRIBUTES).every((name) => name in (customAttributes ?? {})) ? true : null;
  } finally {
    await connection.close();
  }
}

async function unlessThere(make: () => Promise<unknown>): Promise<void> {
  try {
    await make();
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === ALREADY_EXISTS)) throw error;
  }
}
