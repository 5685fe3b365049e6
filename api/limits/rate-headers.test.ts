import { expect, test } from 'vitest';

import { rateHeaders } from './rate-headers.ts';

test('the two fields name each rate with its quota and window, and what is left of it for how long', () => {
  const session = { name: 'chat-session', max: 10, windowSeconds: 60, left: 9, resetSeconds: 60, isOver: false };
  const hour = { name: 'chat-session-hour', max: 100, windowSeconds: 3600, left: 0, resetSeconds: 12, isOver: true };
  expect(rateHeaders([session, hour])).toEqual({
    'RateLimit-Policy': '"chat-session";q=10;w=60, "chat-session-hour";q=100;w=3600',
    RateLimit: '"chat-session";r=9;t=60, "chat-session-hour";r=0;t=12',
  });
});
