import { describe, expect, it } from 'vitest';

import { ChatAnswer } from '#contract/chat.ts';
import type { TurnAnswer } from '#domain/turn.ts';

import { presentAccepted, presentTurn, type PresentedTurn } from './presenter.ts';

const TURN_ID = 'trn_0195f3a0000070008000000000000003';
const MESSAGE_ID = 'msg_0195f3a0000070008000000000000004';
const SOURCE_ID = 'src_0195f3a0000070008000000000000005';

const ANSWER: TurnAnswer = {
  tenantId: '0195f3a0-0000-7000-8000-000000000001',
  turnId: TURN_ID,
  sessionId: 'ses_0195f3a0000070008000000000000002',
  messageSeq: 1,
  outcome: 'answered',
  reply: {
    messageId: MESSAGE_ID,
    seq: 2,
    text: '79 USD [1].',
    citations: [{ index: 1, sourceId: SOURCE_ID, title: 'Plans', url: null }],
  },
  coveredBy: null,
  owner: 'ai',
  language: 'it',
  persona: { id: 'per_0195f3a0000070008000000000000006', number: 3, name: 'Ada $&' },
  chargedMillicredits: 795n,
  pricebookVersion: 1,
  queueMs: 3,
  modelMs: 200,
  closedAt: new Date('2026-03-10T12:00:00.000Z'),
};

function present(change: Partial<PresentedTurn> = {}): ChatAnswer {
  const turn = { answer: ANSWER, clientSessionId: 'session_123', sessionToken: null, balanceMillicredits: null };
  return presentTurn({ ...turn, ...change });
}

it('an answer names its session, its turn, its words with their sources, and that an AI wrote them', () => {
  expect(present()).toEqual({
    session_id: 'session_123',
    turn_id: TURN_ID,
    message_id: MESSAGE_ID,
    seq: 2,
    reply: '79 USD [1].',
    citations: [{ index: 1, source_id: SOURCE_ID, title: 'Plans', url: null }],
    outcome: 'answered',
    author: { type: 'ai', name: 'Ada $&', ai_generated: true },
    owner: 'ai',
    handoff: null,
  });
});

it('a visitor sees neither money nor policy', () => {
  const answer = present({ sessionToken: 'k1.mac' });
  expect(answer).not.toHaveProperty('credits');
  expect(answer).not.toHaveProperty('persona');
  expect(JSON.stringify(answer)).not.toMatch(/pricebook|millicredits|tenant/i);
});

it('a signed-in caller sees the charge, the balance after it and the persona’s version', () => {
  expect(present({ balanceMillicredits: 14_999_205n })).toMatchObject({
    credits: { charged: '0.795', balance_after: '14999.205', pricebook_version: 1 },
    persona: { id: ANSWER.persona.id, version: 3 },
  });
});

it('the first answer comes with the session’s token and the disclosure in its language', () => {
  const answer = present({ sessionToken: 'k1.mac' });
  expect(answer.session_token).toBe('k1.mac');
  expect(answer.disclosure?.text).toContain('con Ada $&, un assistente IA');
  expect(present()).not.toHaveProperty('disclosure');
});

it('a turn that kept silent has no words, and says which turn covers it', () => {
  const covering = 'trn_0195f3a0000070008000000000000009';
  const answer = present({ answer: { ...ANSWER, outcome: 'superseded', reply: null, coveredBy: covering } });
  expect(answer).toMatchObject({ message_id: null, seq: null, reply: null, citations: [], covered_by: covering });
});

describe('what leaves is what the contract promises', () => {
  it.each([
    ['to a visitor', {}],
    ['with the first answer', { sessionToken: 'k1.mac' }],
    ['to a signed-in caller', { balanceMillicredits: -5n }],
    ['without words', { answer: { ...ANSWER, reply: null } }],
  ])('%s', (_whom, change) => {
    const answer = present(change);
    expect(ChatAnswer.parse(answer)).toEqual(answer);
  });
});

it('an accepted message that takes longer names what to ask for again', () => {
  const accepted = { clientSessionId: 's', messageId: MESSAGE_ID, turnId: TURN_ID, sessionToken: null } as const;
  expect(presentAccepted(accepted)).toEqual({
    session_id: 's',
    message_id: MESSAGE_ID,
    turn_id: TURN_ID,
    status: 'accepted',
  });
  expect(presentAccepted({ ...accepted, sessionToken: 'k1.mac' })).toMatchObject({ session_token: 'k1.mac' });
});
