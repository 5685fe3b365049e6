import { writeFile } from 'node:fs/promises';
import { parseArgs } from 'node:util';

import { Client, Connection } from '@temporalio/client';
import { historyToJSON } from '@temporalio/common/lib/proto-utils.js';

const HISTORIES = new URL('../test/workflows/histories/', import.meta.url);
const USAGE = 'usage: node tools/record-history.ts HOST:PORT WORKFLOW_ID NAME [--namespace bob] [--run RUN_ID]\n';

/** Whose machine it ran on, and where the files lay there, is nobody's business; a replay looks at neither. */
function withoutMachine(history: string): string {
  return history
    .replaceAll(/"identity": "[^"]*"/g, '"identity": "bob"')
    .replaceAll(/"stackTrace": "[^"]*"/g, '"stackTrace": ""')
    .replaceAll(/"\d+@[\w.-]+(-[0-9a-f]{32})?"/g, '"bob"');
}

/**
 * Keeps what a workflow has done, so that tomorrow's code is replayed against it. Each release adds its own. Without a
 * run it is the newest one: a conversation that has rolled over has several.
 */
async function recordHistory(args: readonly string[]): Promise<number> {
  const options = { namespace: { type: 'string', default: 'bob' }, run: { type: 'string' } } as const;
  const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
  const [address, workflowId, name] = positionals;
  if (address === undefined || workflowId === undefined || name === undefined) {
    process.stderr.write(USAGE);
    return 1;
  }
  const connection = await Connection.connect({ address });
  try {
    const client = new Client({ connection, namespace: values.namespace });
    const handle = client.workflow.getHandle(workflowId, values.run);
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
