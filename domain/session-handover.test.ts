import fc from 'fast-check';
import { expect, it } from 'vitest';

import { toId } from './ids.ts';
import { sessionHandover, type HandedTurn } from './session-handover.ts';

const TURN: HandedTurn = {
  tenantId: '0195f3a0-0000-7000-8000-000000000001',
  sessionId: 'ses_0195f3a0000070008000000000000002',
  turnId: 'trn_0195f3a0000070008000000000000003',
  channel: 'public',
};

it('one session is one workflow, found by the session’s UUID alone', () => {
  expect(sessionHandover(TURN)).toMatchObject({
    workflowType: 'chatSession',
    workflowId: 'chat/0195f3a0-0000-7000-8000-000000000002',
    taskQueue: 'chat',
  });
  const later = { ...TURN, turnId: 'trn_0195f3a0000070008000000000000009' } as const;
  expect(sessionHandover(later).workflowId).toBe(sessionHandover(TURN).workflowId);
});

it('a turn handed over twice is the same update, so it runs once', () => {
  expect(sessionHandover(TURN)).toEqual(sessionHandover({ ...TURN }));
  expect(sessionHandover(TURN)).toMatchObject({ update: 'submitTurn', updateId: TURN.turnId });
});

it('sessions never share a workflow', () => {
  fc.assert(
    fc.property(fc.uuid(), fc.uuid(), (one, other) => {
      const idOf = (uuid: string) => sessionHandover({ ...TURN, sessionId: toId('ses', uuid) }).workflowId;
      expect(idOf(one) === idOf(other)).toBe(one === other);
    }),
  );
});

it('Temporal is told ids, durations and the channel: no word can pass through it', () => {
  const { start, submit, searchAttributes } = sessionHandover(TURN);
  expect(start).toEqual({
    tenantId: TURN.tenantId,
    waiting: [],
    known: [],
    idleMs: 900_000,
    turnMax: 40,
    eventMax: 500,
    tryMs: 90_000,
    turnMs: 120_000,
    owner: 'ai',
  });
  expect(submit).toEqual({ turnId: TURN.turnId });
  expect(searchAttributes).toEqual({ tenant: TURN.tenantId, channel: 'public', owner: 'ai' });
});

it('a session that a person owns starts as theirs, and takes the durations of the installation', () => {
  const settings = { idleMs: 1, turnMax: 2, eventMax: 3, tryMs: 4, turnMs: 5, workflowTaskTimeoutMs: 6 };
  const { start, searchAttributes, workflowTaskTimeoutMs } = sessionHandover({ ...TURN, owner: 'human' }, settings);
  expect(start).toMatchObject({ idleMs: 1, turnMax: 2, eventMax: 3, tryMs: 4, turnMs: 5, owner: 'human' });
  expect([workflowTaskTimeoutMs, searchAttributes.owner]).toEqual([6, 'human']);
});
