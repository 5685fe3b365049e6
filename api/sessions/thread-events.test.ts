import { expect, test } from 'vitest';

import type { TurnId } from '#domain/ids.ts';
import type { LiveState } from '#models/read/live-state.ts';
import type { TranscriptMessage } from '#models/read/transcript.ts';

import { createThreadEvents } from './thread-events.ts';

const AT = new Date('2026-03-10T12:00:00.000Z');
const FIRST: TurnId = 'trn_1';

function state(change: Partial<LiveState> = {}): LiveState {
  return { owner: 'ai', epoch: 0, state: 'open', ownerSince: AT, running: null, pieces: [], ...change };
}

function running(attempt: number, ...pieces: [number, string][]): LiveState {
  return state({ running: { turnId: FIRST, attempt }, pieces: pieces.map(([seq, text]) => ({ seq, text })) });
}

function message(seq: number, author: TranscriptMessage['author'], turnId: TurnId | null = null): TranscriptMessage {
  const bare = { kind: 'text', name: null, text: 'words', cut: false, citations: [], createdAt: AT } as const;
  return { ...bare, id: 'msg_1', seq, author, turnId };
}

/** Names of the events of each look, with the words of a delta. */
function told(...looks: [LiveState, TranscriptMessage[]][]): string[][] {
  const events = createThreadEvents(0);
  return looks.map(([now, messages]) =>
    events.tell(now, messages).map(({ id, event, data }) => {
      const words = typeof data === 'object' && data !== null && 'delta' in data ? ` ${String(data.delta)}` : '';
      return `${id} ${event}${words}`;
    }),
  );
}

test('a reader is told who speaks at first, and again only when that changes', () => {
  expect(told([state(), [message(1, 'visitor')]], [state(), []], [state({ owner: 'human', epoch: 1 }), []])).toEqual([
    ['1 message', '1 owner'],
    [],
    ['1 owner'],
  ]);
});

test('a running answer comes in pieces, then its message stands in their place', () => {
  expect(
    told(
      [running(1, [1, 'The '], [2, 'Pro ']), [message(1, 'visitor')]],
      [running(1, [3, 'plan']), []],
      [state(), [message(2, 'ai', FIRST)]],
    ),
  ).toEqual([['1 message', '1 owner', '1 delta The ', '1 delta Pro '], ['1 delta plan'], ['2 message']]);
});

test('a new try of the same answer makes what was told void', () => {
  expect(told([running(1, [1, 'Old']), []], [running(2, [1, 'New']), []])).toEqual([
    ['0 owner', '0 delta Old'],
    ['0 reset', '0 delta New'],
  ]);
});

test('pieces of an answer that leaves no message are made void', () => {
  expect(told([running(1, [1, 'Old']), []], [state(), []])).toEqual([['0 owner', '0 delta Old'], ['0 reset']]);
});

test('an answer that became a message between two looks at the rows is not told twice', () => {
  expect(told([running(1, [1, 'The ']), [message(2, 'ai', FIRST)]])).toEqual([['2 message', '2 owner']]);
});
