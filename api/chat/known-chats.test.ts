import { expect, it } from 'vitest';

import type { TenantId } from '#domain/ids.ts';
import type { ChatAddress } from '#models/locate-chat.ts';

import { rememberChats } from './known-chats.ts';

const TENANT: TenantId = 'ten_0190a000-0000-7000-8000-000000000001';

function addressOf(clientMessageId: string, more: Partial<ChatAddress> = {}): ChatAddress {
  return { tenant: { businessId: 'demo' }, channel: 'public', clientIdHash: 'hash', clientMessageId, ...more };
}

function startRemembering() {
  let nowMs = 0;
  const known = rememberChats({ now: () => new Date(nowMs) });
  return { known, pass: (ms: number) => void (nowMs += ms) };
}

it('the tenant of an address that was let in is known for five seconds', () => {
  const { known, pass } = startRemembering();
  expect(known.tenantOfNew(addressOf('a'))).toBeNull();
  known.letIn(addressOf('a'), TENANT);
  expect(known.tenantOfNew(addressOf('b'))).toBe(TENANT);
  pass(5000);
  expect(known.tenantOfNew(addressOf('b'))).toBeNull();
});

it('what was let in on one path or from one origin says nothing of another', () => {
  const { known } = startRemembering();
  const page = { widgetKey: 'key', entries: ['https://one.example'], at: new Date(0) };
  known.letIn(addressOf('a', { tenant: page, channel: 'widget' }), TENANT);
  expect(known.tenantOfNew(addressOf('a'))).toBeNull();
  const other = { ...page, entries: ['https://two.example'] };
  expect(known.tenantOfNew(addressOf('b', { tenant: other, channel: 'widget' }))).toBeNull();
  expect(known.tenantOfNew(addressOf('b', { tenant: page, channel: 'widget' }))).toBe(TENANT);
});

it('a key that was accepted is no new message, in its own conversation', () => {
  const { known } = startRemembering();
  known.letIn(addressOf('a'), TENANT);
  known.accepted(addressOf('a'));
  expect(known.tenantOfNew(addressOf('a'))).toBeNull();
  expect(known.tenantOfNew(addressOf('a', { clientIdHash: 'other' }))).toBe(TENANT);
});

it('of many keys the newest are remembered', () => {
  const { known } = startRemembering();
  known.letIn(addressOf(''), TENANT);
  for (let count = 0; count <= 10_000; count += 1) known.accepted(addressOf(`key ${count}`));
  expect(known.tenantOfNew(addressOf('key 0'))).toBe(TENANT);
  expect(known.tenantOfNew(addressOf('key 1'))).toBeNull();
});
