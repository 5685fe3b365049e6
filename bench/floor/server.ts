/** The least that a durable turn costs on this Temporal server: an update and an empty local activity, no model. */
import { once } from 'node:events';
import { createServer } from 'node:http';
import { json } from 'node:stream/consumers';
import { type Client, WithStartWorkflowOperation } from '@temporalio/client';
import { listenOnLoopback } from '../wire/listen-on-loopback.ts';
import { recordOf, stringOf } from '../wire/parse-record.ts';
import { FLOOR_TASK_QUEUE, type FloorTurn } from './messages.ts';
import { startWorker } from './start-worker.ts';
import { openTurnBoard } from './turn-board.ts';
import type { floorSession } from './workflow.ts';

const board = openTurnBoard();
const temporal = {
  address: process.env['TEMPORAL_ADDRESS'] ?? '127.0.0.1:7233',
  namespace: process.env['TEMPORAL_NAMESPACE'] ?? 'bob',
};
const { worker, client, close } = await startWorker(temporal, { takeTurn: board.takeTurn });
const running = worker.run();

const server = createServer((request, response) => {
  void (async () => {
    const body = recordOf(await json(request));
    const sessionId = stringOf(body['session_id']);
    const { turn, reply } = board.begin({ sessionId, message: stringOf(body['message']) });
    // Not awaited, as in the product: the answer may be faster than the acknowledgement.
    handOver(client, { sessionId, turn }).catch((error: unknown) => board.fail(turn, error));
    const answer = await reply.then(
      (text) => ({ reply: text, session_id: sessionId }),
      (error: unknown) => ({ title: String(error) }),
    );
    response.writeHead('reply' in answer ? 200 : 500, { 'content-type': 'application/json' });
    response.end(JSON.stringify(answer));
  })();
});
const port = await listenOnLoopback(server, 0);
process.stdout.write(`${JSON.stringify({ url: `http://127.0.0.1:${port}`, pid: process.pid })}\n`);

// The SDK hears the signal and lets the worker run out.
await running;
server.close();
server.closeAllConnections();
await once(server, 'close');
await close();

async function handOver(to: Client, { sessionId, turn }: { sessionId: string; turn: FloorTurn }): Promise<void> {
  const startWorkflowOperation = new WithStartWorkflowOperation<typeof floorSession>('floorSession', {
    workflowId: `floor/${sessionId}`,
    taskQueue: FLOOR_TASK_QUEUE,
    workflowTaskTimeout: 3000,
    workflowIdConflictPolicy: 'USE_EXISTING',
    args: [],
  });
  await to.workflow.startUpdateWithStart<typeof floorSession, void, [FloorTurn]>('submitTurn', {
    args: [turn],
    updateId: turn.turnId,
    waitForStage: 'ACCEPTED',
    startWorkflowOperation,
  });
}
