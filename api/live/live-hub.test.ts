import { expect, it } from 'vitest';

import { newId } from '#platform/new-id.ts';

import { createLiveHub, type Topic } from './live-hub.ts';

function watched() {
  const hub = createLiveHub();
  const [session, turn, other] = [newId('ses'), newId('trn'), newId('ses')];
  const rung: string[] = [];
  const names = new Map<Topic, string>([
    [session, 'session'],
    [turn, 'turn'],
    [other, 'other'],
    ['everything', 'everything'],
  ]);
  const leaves = [...names].map(([topic, name]) => hub.watch(topic, () => rung.push(name)));
  return { hub, session, turn, rung, leaves };
}

it('a finished turn wakes who follows it, its conversation, and the feeds of the tenant', () => {
  const { hub, session, turn, rung } = watched();
  hub.hear('turn_done', `${turn} ${session}`);
  expect(rung).toEqual(['turn', 'session', 'everything']);
});

it('a change of a conversation wakes its own readers and the feeds', () => {
  const { hub, session, rung } = watched();
  hub.hear('session_changed', session);
  expect(rung).toEqual(['session', 'everything']);
});

it('a piece of an answer wakes only who follows that turn', () => {
  const { hub, turn, rung } = watched();
  hub.hear('reply_chunk', turn);
  expect(rung).toEqual(['turn']);
});

it('what is no id of ours wakes the feeds at most', () => {
  const { hub, rung } = watched();
  hub.hear('session_changed', 'ses_1 everything trn_');
  expect(rung).toEqual(['everything']);
});

it('who watches twice is rung twice, and each watch ends alone', () => {
  const hub = createLiveHub();
  const session = newId('ses');
  let rings = 0;
  const ring = (): void => void (rings += 1);
  const [first, second] = [hub.watch(session, ring), hub.watch(session, ring)];
  hub.ring([session]);
  expect([rings, hub.size()]).toEqual([2, 2]);
  first();
  first();
  hub.ring([session]);
  expect([rings, hub.size()]).toEqual([3, 1]);
  second();
  hub.ring([session]);
  expect([rings, hub.size()]).toEqual([3, 0]);
});

it('a watch that ended long ago does not end those that came after it', () => {
  const hub = createLiveHub();
  const session = newId('ses');
  let rings = 0;
  const leave = hub.watch(session, () => undefined);
  leave();
  hub.watch(session, () => (rings += 1));
  leave();
  hub.ring([session]);
  expect([rings, hub.size()]).toEqual([1, 1]);
});

it('who leaves while it is rung, or comes then, disturbs nobody', () => {
  const hub = createLiveHub();
  const session = newId('ses');
  const rung: string[] = [];
  const leave = hub.watch(session, () => {
    rung.push('first');
    leave();
  });
  hub.watch(session, () => rung.push('second'));
  hub.ring([session]);
  hub.ring([session]);
  expect(rung).toEqual(['first', 'second', 'second']);
});
