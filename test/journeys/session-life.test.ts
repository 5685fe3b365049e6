import { WorkflowNotFoundError, type WorkflowHandle } from '@temporalio/client';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';

import { toId, type SessionId, type TenantId } from '#domain/ids.ts';
import { closedSignal, ownerSignal, sessionHandover } from '#domain/session-handover.ts';
import { handOverFirst, tellSession } from '#platform/hand-over.ts';
import { connectWorker } from '#platform/temporal-worker.ts';

import { runLoad } from '../../bench/load.ts';
import { productTarget } from '../../bench/load/load-target.ts';
import { startStubModel, type StubModel } from '../../bench/stub-model.ts';
import { visitorOf } from '../fixtures/chat-caller.ts';
import { type RunningProduct, startProduct } from '../fixtures/running-product.ts';
import { turnRecord, type TurnRecord } from '../fixtures/turn-record.ts';

const TURN_MAX = 5;
const PATIENCE = { timeout: 60_000, interval: 50 };
/** The server deletes in its own time. */
const FORGETTING = { timeout: 90_000, interval: 250 };

let stub: StubModel;
let product: RunningProduct;
beforeAll(async () => {
  stub = await startStubModel();
});
beforeEach(() => stub.reset());
afterAll(() => stub.stop());

function startWith(env: NodeJS.ProcessEnv): void {
  beforeAll(async () => {
    product = await startProduct({ model: { url: stub.url, name: 'stub-20-0-8' }, env });
  });
  afterAll(() => product.close());
}

interface Conversation {
  visitor: ReturnType<typeof visitorOf>;
  first: TurnRecord;
  sessionId: SessionId;
  workflow: WorkflowHandle;
}

/** A visitor whose first message is answered, and the workflow behind the conversation. */
async function conversation(): Promise<Conversation> {
  const visitor = visitorOf(product);
  const { body } = await visitor.say('mark:1');
  expect(body.outcome).toBe('answered');
  const first = await turnRecord(product.knex, body.turn_id ?? '');
  const workflow = product.temporal.workflow.getHandle(`chat/${first.sessionId}`);
  return { visitor, first, sessionId: toId('ses', first.sessionId), workflow };
}

async function countEvents(workflow: WorkflowHandle, attributes: string): Promise<number> {
  const { events } = await workflow.fetchHistory();
  return (events ?? []).filter((event) => Object.entries(event).some(([name, is]) => name === attributes && is)).length;
}

const ownerOf = async (workflow: WorkflowHandle) => (await workflow.describe()).searchAttributes['BobOwner']?.[0];
const runOf = async (workflow: WorkflowHandle) => (await workflow.describe()).runId;

async function statusOf(workflow: WorkflowHandle): Promise<string> {
  try {
    return (await workflow.describe()).status.name;
  } catch (error) {
    if (error instanceof WorkflowNotFoundError) return 'FORGOTTEN';
    throw error;
  }
}

describe('in one process, with short runs', () => {
  startWith({ BOB_SESSION_TURN_MAX: String(TURN_MAX) });

  test('a first message travels with the start of its workflow, and the task with the answer to that', async () => {
    const { workflow } = await conversation();
    const { events } = await workflow.fetchHistory();
    expect(events?.[0]?.workflowExecutionStartedEventAttributes?.eagerExecutionAccepted).toBe(true);
    expect(await countEvents(workflow, 'workflowExecutionUpdateAcceptedEventAttributes')).toBe(0);
    expect((await workflow.describe()).searchAttributes).toMatchObject({ BobChannel: ['public'], BobOwner: ['ai'] });
  });

  test('a first turn that is handed over again finds its workflow and runs once', async () => {
    const { visitor, first, sessionId, workflow } = await conversation();
    const native = await connectWorker(product.env);
    const turn = { tenantId: first.tenantId as TenantId, turnId: toId('trn', first.turnId), sessionId };
    await handOverFirst(native.client, sessionHandover({ ...turn, channel: 'public' }));
    await native.close();
    expect(await countEvents(workflow, 'workflowExecutionUpdateAcceptedEventAttributes')).toBe(1);
    expect((await visitor.say('mark:2')).body.reply).toContain('seen:2 mark:2');
    expect(stub.stats().calls).toBe(2);
  });

  test('Temporal knows who speaks, told only when it changes, and a roll-over keeps it', async () => {
    const { visitor, sessionId, workflow } = await conversation();
    for (const owner of ['ai', 'human', 'human'] as const)
      await tellSession(product.temporal, ownerSignal({ sessionId, owner }));
    await expect.poll(() => ownerOf(workflow), PATIENCE).toBe('human');
    await expect.poll(() => countEvents(workflow, 'workflowExecutionSignaledEventAttributes'), PATIENCE).toBe(3);
    expect(await countEvents(workflow, 'upsertWorkflowSearchAttributesEventAttributes')).toBe(1);
    const runId = await runOf(workflow);
    for (let turn = 2; turn <= TURN_MAX; turn += 1) await visitor.say(`mark:${turn}`);
    await expect.poll(() => runOf(workflow), PATIENCE).not.toBe(runId);
    expect(await ownerOf(workflow)).toBe('human');
    await tellSession(product.temporal, ownerSignal({ sessionId, owner: 'ai' }));
    await expect.poll(() => ownerOf(workflow), PATIENCE).toBe('ai');
    expect((await visitor.say('mark:after')).body.reply).toContain(`seen:${TURN_MAX + 1} mark:after`);
  });

  test('a closed session’s workflow ends once its queue is empty', async () => {
    const { visitor, sessionId, workflow } = await conversation();
    const waiting = visitor.say('mark:2');
    await expect.poll(() => stub.stats().calls, PATIENCE).toBe(2);
    await tellSession(product.temporal, closedSignal({ sessionId }));
    expect((await waiting).body.outcome).toBe('answered');
    await expect.poll(() => statusOf(workflow), PATIENCE).toBe('COMPLETED');
  });

  test('a session that nobody runs needs no telling', async () => {
    const sessionId = 'ses_0195f3a0000070008000000000000002' as const;
    await expect(tellSession(product.temporal, ownerSignal({ sessionId, owner: 'human' }))).resolves.toBeUndefined();
    await expect(tellSession(product.temporal, closedSignal({ sessionId }))).resolves.toBeUndefined();
  });

  test('500 turns at ten a time, rolling over every five, are all answered at the first try', async () => {
    const load = await runLoad({
      target: productTarget({ url: product.url, businessId: 'demo' }),
      concurrency: 10,
      turnsPerSession: 25,
      sessionMax: 20,
      durationMs: 100_000,
      turnMax: 500,
      runName: 'rolling',
    });
    expect(load).toMatchObject({ turns: 500, errors: [], errorCount: 0, resends: 0 });
    expect(stub.stats()).toMatchObject({ calls: 500, repeatedMessages: 0 });
  });
});

describe('with a short silence', () => {
  startWith({ BOB_SESSION_IDLE_MS: '400' });

  test('a quiet session’s workflow ends, and the next message starts a new run of the same conversation', async () => {
    const { visitor, workflow } = await conversation();
    await expect.poll(() => statusOf(workflow), PATIENCE).toBe('COMPLETED');
    const runId = await runOf(workflow);
    expect((await visitor.say('mark:2')).body.reply).toContain('seen:2 mark:2');
    expect(await runOf(workflow)).not.toBe(runId);
  });

  test('a conversation that Temporal has long forgotten goes on as if nothing had happened', async () => {
    const { visitor, workflow } = await conversation();
    await expect.poll(() => statusOf(workflow), PATIENCE).toBe('COMPLETED');
    const { namespace } = product.temporal.options;
    const workflowExecution = { workflowId: workflow.workflowId, runId: await runOf(workflow) };
    await product.temporal.workflowService.deleteWorkflowExecution({ namespace, workflowExecution });
    await expect.poll(() => statusOf(workflow), FORGETTING).toBe('FORGOTTEN');
    const { body } = await visitor.say('mark:2');
    expect([body.reply, body.seq]).toEqual([expect.stringContaining('seen:2 mark:2'), 4]);
  });
});

describe('with little patience for a turn', () => {
  startWith({ BOB_TURN_TRY_MS: '1000', BOB_TURN_TIMEOUT_MS: '1500', BOB_MODEL: 'stub-9000-0-8' });

  test('a turn out of time ends with an apology and costs nothing', async () => {
    const { body } = await visitorOf(product).say('mark:slow');
    expect(body.outcome).toBe('failed');
    const record = await turnRecord(product.knex, body.turn_id ?? '');
    expect(record).toMatchObject({ problem: 'turn-timeout', holds: ['released'], chargedMillicredits: 0 });
  });
});
