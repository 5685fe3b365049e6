import { writeFile } from 'node:fs/promises';

import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const HISTORIES = new URL('../test/workflows/histories/', import.meta.url);

/** Whose machine it ran on, and where the files lay there, is nobody's business; a replay looks at neither. */
function withoutMachine(history: string): string {
  return history
    .replaceAll(/"identity": "[^"]*"/g, '"identity": "bob"')
    .replaceAll(/"stackTrace": "[^"]*"/g, '"stackTrace": ""')
    .replaceAll(/"\d+@[\w.-]+(-[0-9a-f]{32})?"/g, '"bob"');
}

/** Keeps what a workflow has done, so that tomorrow's code is replayed against it. Each release adds its own. */
async function recordHistory([address, workflowId, name]: readonly string[]): Promise<number> {
  if (address === undefined || workflowId === undefined || name === undefined) {
    process.stderr.write('usage: node tools/record-history.ts HOST:PORT WORKFLOW_ID NAME\n');
    return 1;
  }
  const connection = await Connection.connect({ address });
  try {
    const handle = new Client({ connection, namespace: 'bob' }).workflow.getHandle(workflowId);
    const file = new URL(`${name}.json`, HISTORIES);
    const history = withoutMachine(historyToJSON(await handle.fetchHistory()));
    await writeFile(file, `${history}\n`);
    process.stdout.write(`wrote ${file.pathname}\n`);
    return 0;
  } finally {
    await connection.close();
  }
}

process.exitCode = await recordHistory(process.argv.slice(2));
