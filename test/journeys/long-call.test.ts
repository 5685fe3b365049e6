import { randomUUID } from 'node:crypto';

import { afterAll, beforeAll, expect, test } from 'vitest';

import { sessionHandover } from '#domain/session-handover.ts';
import { toId, type TenantId } from '#domain/ids.ts';

import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { callChat } from '../fixtures/chat-caller.ts';
import { publishPersona } from '../fixtures/publish-persona.ts';
import { ACCOUNTS, type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { streamChat } from '../fixtures/sse-reader.ts';
import { superviseAs, type Supervisor } from '../fixtures/supervisor.ts';
import { turnRecord } from '../fixtures/turn-record.ts';
import { longCallMs } from '../setup/long-call-ms.ts';

const CALL_MS = longCallMs();
const PATIENCE = { timeout: 60_000, interval: 20 };

let stub: StubModel;
let product: RunningProduct;
let ana: Supervisor;
beforeAll(async () => {
  stub = await startStubModel();
  // `npm run test:nightly` has it last a minute.
  product = await startProduct({ model: { url: stub.url, name: `stub-${CALL_MS}-5-40` }, line: 'apart' });
  await publishPersona(product.knex, 'demo', (snapshot) => ({
    ...snapshot,
    model: { ...snapshot.model, timeoutMs: CALL_MS + 20_000 },
  }));
  ana = await superviseAs(product, ACCOUNTS.demo);
});
afterAll(async () => {
  await product.close();
  await stub.stop();
});

/** A message whose answer the model is silent about, its workflow in the middle of a task that has beaten once. */
async function ask(mark: string) {
  const body = { session_id: randomUUID(), message: `mark:${mark}`, business_id: 'demo' };
  const stream = await streamChat(product.url, { body });
  await expect.poll(() => callOf(mark)?.ended, PATIENCE).toBe('running');
  const turn = await turnRecord(product.knex, String(stream.events[0]?.data['turn_id']));
  const sessionId = toId('ses', turn.sessionId);
  const { workflowId } = sessionHandover({
    tenantId: turn.tenantId as TenantId,
    sessionId,
    turnId: toId('trn', turn.turnId),
    channel: 'public',
  });
  const workflow = product.temporal.workflow.getHandle(workflowId);
  // Start, task scheduled and started make three; each heartbeat three more.
  await expect.poll(async () => (await workflow.describe()).historyLength, PATIENCE).toBeGreaterThanOrEqual(6);
  return { body, stream, turn, sessionId };
}

const LONG = { timeout: CALL_MS + 120_000 };
const callOf = (mark: string) => stub.stats().log.findLast((call) => call.mark === mark);

test('in the middle of a long call a stop, a takeover and a second message work at once', LONG, async () => {
  const asked = [ask('control'), ask('stopped'), ask('taken'), ask('followed')] as const;
  const [control, stopped, taken, followed] = await Promise.all(asked);
  let controlIsOver = false;
  void control.stream.ended.then(() => (controlIsOver = true));

  const { session_id, business_id } = stopped.body;
  const [, , second] = await Promise.all([
    callChat(product.url, { path: '/api/chat/stop', body: { session_id, business_id } }),
    ana.act(taken.sessionId, 'takeover'),
    streamChat(product.url, { body: { ...followed.body, message: 'mark:second' } }),
  ]);
  const [stopDone, takenDone] = await Promise.all([stopped.stream.ended, taken.stream.ended]);
  await expect.poll(() => callOf('second')?.ended, PATIENCE).toBe('running');
  // Everything above has happened while a call that began before it still runs: nothing waited for the model.
  expect([callOf('control')?.ended, controlIsOver]).toEqual(['running', false]);
  expect(['stopped', 'taken', 'followed'].map((mark) => callOf(mark)?.ended)).toEqual([
    'aborted',
    'aborted',
    'aborted',
  ]);

  expect(stopDone).toMatchObject({ outcome: 'answered', reply: null });
  expect(takenDone).toMatchObject({ outcome: 'suppressed_by_human', reply: null, owner: 'human' });
  for (const { turn } of [stopped, taken]) {
    expect(await turnRecord(product.knex, toId('trn', turn.turnId))).toMatchObject({
      state: 'closed',
      chargedMillicredits: 0,
      holds: ['released'],
      receipts: 1,
    });
  }

  const [first, answered] = await Promise.all([followed.stream.ended, second.ended]);
  expect(answered).toMatchObject({ outcome: 'answered', reply: expect.stringContaining('seen:2 mark:second') });
  expect(first).toMatchObject({
    outcome: 'superseded',
    covered_by: answered?.['turn_id'],
    reply: answered?.['reply'],
  });
  expect(await control.stream.ended).toMatchObject({ outcome: 'answered' });
  expect(control.stream.screen()).toContain('seen:1 mark:control');
  expect(stub.stats()).toMatchObject({ calls: 5, abortedCalls: 3, runningCalls: 0 });
});
