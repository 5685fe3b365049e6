import { expect, it } from 'vitest';

import { addressOf, ownIdOf } from './chat-address.ts';

const OURS = `ses_${'0'.repeat(32)}`;

it('a signed-in caller may name a session by our id', () => {
  expect(ownIdOf({ channel: 'signed_in', clientSessionId: OURS })).toBe(OURS);
  expect(ownIdOf({ channel: 'signed_in', clientSessionId: 'ses_mine' })).toBeNull();
});

it('for a visitor our id is a name like any other, and opens nothing', () => {
  for (const channel of ['public', 'widget'] as const) {
    expect(addressOf({ tenant: { businessId: 'demo' }, channel, clientSessionId: OURS })).toMatchObject({
      sessionId: null,
      clientMessageId: '',
    });
  }
});
