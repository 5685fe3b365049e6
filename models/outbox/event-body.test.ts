import fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { envelopeOf, EVENT_TYPES, type EventData, type EventDraft } from '#contract/events.ts';

import { PoisonEvent, splitBody, type EventFacts } from './event-body.ts';

const HEX = '0123456789abcdef0123456789abcdef';
const DATA: EventData = {
  'session.created': {
    channel: 'public',
    persona_id: `per_${HEX}`,
    persona_version: 1,
    language: 'en',
    visitor_ref: null,
    disclosure_version: 1,
  },
  'session.closed': { reason: 'resolved', outcome: 'answered', turns: 2, credits: '1.590' },
  'message.received': {
    message_id: `msg_${HEX}`,
    message_seq: 1,
    author: { type: 'visitor', id: null },
    attachments: 0,
  },
  'message.sent': {
    message_id: `msg_${HEX}`,
    message_seq: 2,
    author: { type: 'ai', id: `per_${HEX}` },
    attachments: 0,
    turn_id: `trn_${HEX}`,
    reply_to: `msg_${HEX}`,
    ai_generated: true,
  },
  'message.feedback_submitted': { message_id: `msg_${HEX}`, rating: 'down', reason_code: 'incorrect' },
  'turn.completed': turnFacts('answered'),
  'turn.failed': turnFacts('failed'),
  'handoff.assigned': handoffFacts(),
  'handoff.taken_over': handoffFacts(),
  'handoff.returned': handoffFacts(),
  'usage.recorded': {
    ledger_seq: 1,
    turn_id: `trn_${HEX}`,
    lines: 2,
    credits: '0.795',
    pricebook_version: 1,
    balance_after: '99.205',
  },
  'persona.version_published': {
    persona_id: `per_${HEX}`,
    from: 1,
    to: 2,
    content_hash: 'ab'.repeat(32),
    test_run_id: null,
    override_reason: null,
  },
  'endpoint.tested': { endpoint_id: `whk_${HEX}`, requested_by: `usr_${HEX}` },
};

function turnFacts(outcome: string): EventData['turn.completed'] {
  return {
    turn_id: `trn_${HEX}`,
    outcome,
    category: null,
    latency_ms: 12,
    rails_tripped: [],
    credits: '0.795',
    pricebook_version: 1,
    receipt_hash: 'ab'.repeat(32),
  };
}

function handoffFacts(): EventData['handoff.taken_over'] {
  return {
    handoff_id: `hof_${HEX}`,
    category: 'supervisor_takeover',
    rule_id: null,
    queue: null,
    assignee_id: `usr_${HEX}`,
    owner_epoch: 1,
    sla_due_at: null,
  };
}

function factsOf(type: EventDraft['type'], data: EventDraft['data'] = DATA[type]): EventFacts {
  return {
    id: `evt_${HEX}`,
    type,
    createdAt: new Date('2027-01-05T09:00:00.000Z'),
    tenantId: '01234567-89ab-7def-8123-456789abcdef',
    sessionId: `ses_${HEX}`,
    test: false,
    data,
  };
}

function requestedBy(text: string): EventFacts {
  return factsOf('endpoint.tested', { ...DATA['endpoint.tested'], requested_by: text });
}

describe('the body of an event', () => {
  test.each(EVENT_TYPES)('%s fits its schema and says nothing beyond it', (type) => {
    const { head, tail } = splitBody(factsOf(type));
    const body: unknown = JSON.parse(`${head}7${tail}`);
    expect(envelopeOf(type).strict().parse(body)).toEqual(body);
  });

  test('is these bytes', () => {
    const { head, tail } = splitBody(requestedBy('ü'));
    expect(`${head}null${tail}`).toBe(
      `{"id":"evt_${HEX}","type":"endpoint.tested","api_version":"1","created_at":"2027-01-05T09:00:00.000Z",` +
        `"tenant_id":"01234567-89ab-7def-8123-456789abcdef","session_id":"ses_${HEX}","seq":null,"test":false,` +
        `"data":{"endpoint_id":"whk_${HEX}","requested_by":"ü"}}`,
    );
  });

  test('whatever its texts hold, head, number and tail are one JSON text with the number in its place', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'grapheme' }), fc.integer({ min: 1 }), (text, seq) => {
        fc.pre(!text.includes('\0'));
        const { head, tail } = splitBody(requestedBy(text));
        expect(JSON.parse(`${head}${seq}${tail}`)).toMatchObject({ seq, data: { requested_by: text } });
      }),
    );
  });

  test.each([
    ['nul', 'a\0b'],
    ['lone_surrogate', '\ud800'],
    ['too_large', 'ü'.repeat(128 * 1024)],
  ])('%s is refused', (reason, text) => {
    expect(() => splitBody(requestedBy(text))).toThrow(PoisonEvent);
    expect(() => splitBody(requestedBy(text))).toThrow(reason);
  });
});
