import { setTimeout as sleep } from 'node:timers/promises';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { sessionHandover } from '#domain/session-handover.ts';
import { toId, type TenantId } from '#domain/ids.ts';
import { handOver } from '#platform/hand-over.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { visitorOf } from '../fixtures/chat-caller.ts';
import { publishPersona } from '../fixtures/publish-persona.ts';
import { startProduct, type RunningProduct } from '../fixtures/running-product.ts';

let stub: StubModel;
let product: RunningProduct;
beforeAll(async () => {
  stub = await startStubModel();
  product = await startProduct({ model: { url: stub.url, name: 'stub-20-0-8' }, line: 'apart' });
  await publishPersona(product.knex, 'demo', (snapshot) => ({
    ...snapshot,
    session: { ...snapshot.session, burst: 'queue' },
  }));
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

interface Row {
  tenant_id: TenantId;
  session_id: string;
  id: string;
  message_seq: number;
  reply_seq: number | null;
}

async function turnsOf(): Promise<Row[]> {
  const { rows } = await product.knex.raw<{ rows: Row[] }>(
    'select t.tenant_id, t.session_id, t.id, t.message_seq, t.reply_seq from turn t order by t.message_seq',
  );
  return rows;
}

test('turns handed over in the wrong order are answered in the order of acceptance', async () => {
  const visitor = visitorOf(product, 'demo');
  await visitor.say('mark:1');
  // Without the worker nothing is answered, and without the API's hand-over its order is ours to choose.
  await product.stopWorker();
  const async = { prefer: 'respond-async' };
  for (const mark of [2, 3, 4]) await visitor.say(`mark:${mark}`, async);
  await product.stopApi();
  const waiting = (await turnsOf()).filter((turn) => turn.reply_seq === null);
  expect(waiting).toHaveLength(3);
  await product.temporal.workflow.getHandle(workflowOf(waiting)).terminate();
  const told = waiting.toReversed().map(async (turn, index) => {
    await sleep(index * 300);
    await handOver(product.temporal, handoverOf(turn));
  });
  await sleep(1000);
  await product.startWorker();
  await Promise.all(told);

  await expect
    .poll(async () => (await turnsOf()).map((turn) => turn.reply_seq), { timeout: 30_000 })
    .toEqual([2, 6, 7, 8]);
  // Each call saw what was said before it: one message more each time.
  const asked = stub.stats().log.map((call) => call.mark);
  expect(asked).toEqual(['1', '2', '3', '4']);
});

function handoverOf(turn: Row) {
  return sessionHandover({
    tenantId: turn.tenant_id,
    sessionId: toId('ses', turn.session_id),
    turnId: toId('trn', turn.id),
    channel: 'public',
  });
}

function workflowOf([turn]: Row[]): string {
  if (turn === undefined) throw new Error('no turn waits');
  return handoverOf(turn).workflowId;
}
