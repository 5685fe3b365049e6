import fc from 'fast-check';
import { describe, expect, it } from 'vitest';

import type { ReplyChunk } from '#domain/turn.ts';
import { newId, newTenantId } from '#platform/new-id.ts';

import type { StreamEvent } from '../live/event-text.ts';
import { createReplyEvents, readPlace, type ReplyEvents, type StreamPlace } from './reply-events.ts';

const turnId = newId('trn');
const tenantId = newTenantId();
const START: StreamPlace = { turnId, attempt: 0, seq: 0 };

function chunk(attempt: number, seq: number, text: string): ReplyChunk {
  return { tenantId, turnId, attempt, seq, text };
}

/** What stands on a screen: the deltas since the last reset, joined; and where its reader goes on. */
class Screen {
  text = '';
  lastId = '';
  take(events: readonly StreamEvent[]): void {
    for (const { id, event, data } of events) {
      this.lastId = id;
      if (event === 'reset') this.text = '';
      if (event === 'delta') this.text += (data as { delta: string }).delta;
    }
  }
}

/** The rows of a turn's pieces, as the database gives them. */
class Rows {
  rows: ReplyChunk[] = [];
  after({ attempt, seq }: StreamPlace): ReplyChunk[] {
    const newest = Math.max(...this.rows.map((row) => row.attempt));
    const behind = (row: ReplyChunk) => row.attempt > attempt || (row.attempt === attempt && row.seq > seq);
    return this.rows.filter((row) => row.attempt === newest && behind(row));
  }
  textUpTo({ attempt, seq }: StreamPlace): string | null {
    const seen = this.rows.filter((row) => row.attempt === attempt && row.seq <= seq);
    return seen.length === seq ? seen.map(({ text }) => text).join('') : null;
  }
}

const words = fc.string({ unit: 'grapheme', minLength: 1, maxLength: 6 });
const course = fc.record({
  tries: fc.array(fc.array(words, { maxLength: 6 }), { minLength: 1, maxLength: 3 }),
  steps: fc.array(fc.constantFrom('write', 'write', 'read', 'cut', 'crash'), { maxLength: 30 }),
  /** What is on record in the end, beside the pieces of the last try: nothing more, more of it, or something else. */
  end: fc.oneof(
    words.map((more) => ({ more })),
    words.map((other) => ({ other })),
    fc.constant({ more: '' }),
  ),
  /** How many of the last events a broken connection still brings. */
  arriving: fc.nat({ max: 3 }),
});

describe('the deltas since the last reset, joined', () => {
  it('are the reply, however often it is begun, read, lost and come back for', () => {
    fc.assert(
      fc.property(course, ({ tries, steps, end, arriving }) => run({ tries, steps, end, arriving })),
      {
        numRuns: 2000,
      },
    );
  });
});

interface Course {
  tries: string[][];
  steps: string[];
  end: { more: string } | { other: string };
  arriving: number;
}

function run({ tries, steps, end, arriving }: Course): void {
  const rows = new Rows();
  const screen = new Screen();
  const pieces = tries.flatMap((texts, index) => texts.map((text, place) => chunk(index + 1, place + 1, text)));
  let events = createReplyEvents(START, '');
  let isKnown = true;
  for (const step of steps) {
    if (step === 'write') rows.rows.push(...pieces.splice(0, 1));
    if (step === 'crash') rows.rows = [];
    if (step === 'read') screen.take(events.show(rows.after(events.place())));
    if (step === 'cut') {
      screen.take(events.show(rows.after(events.place())).slice(0, arriving));
      ({ events, isKnown } = comeBack(rows, screen));
    }
  }
  rows.rows.push(...pieces);
  const reply = 'more' in end ? `${tries.at(-1)?.join('')}${end.more}` : end.other;
  finish({ events, rows, screen }, reply);
  if (isKnown) expect(screen.text).toBe(reply);
}

function comeBack(rows: Rows, screen: Screen): { events: ReplyEvents; isKnown: boolean } {
  const place = readPlace(screen.lastId) ?? START;
  const shown = rows.textUpTo(place);
  return { events: createReplyEvents(place, shown), isKnown: shown !== null };
}

function finish({ events, rows, screen }: { events: ReplyEvents; rows: Rows; screen: Screen }, reply: string): void {
  while (!events.isComplete(reply)) {
    const rest = rows.after(events.place());
    if (rest.length === 0) break;
    screen.take(events.show(rest));
  }
  screen.take([...events.complete(reply), events.tell('done', {})]);
}

describe('a reader that comes back', () => {
  it('to an answer begun anew sees the old words go', () => {
    const events = createReplyEvents({ turnId, attempt: 1, seq: 2 }, 'Up to');
    const told = events.show([chunk(2, 1, 'Down')]);
    expect(told.map(({ id, event }) => [id, event])).toEqual([
      [`${turnId}.2.0`, 'reset'],
      [`${turnId}.2.1`, 'delta'],
    ]);
  });

  it('to words that nobody knows any more gets the answer alone', () => {
    const events = createReplyEvents({ turnId, attempt: 1, seq: 2 }, null);
    expect([events.isComplete('Up to'), events.complete('Up to')]).toEqual([false, []]);
    expect(events.tell('done', {}).id).toBe(`${turnId}.1.2`);
  });

  it('before the first word has nothing to forget', () => {
    const events = createReplyEvents({ turnId, attempt: 1, seq: 0 }, '');
    expect(events.show([chunk(2, 1, 'Down')]).map(({ event }) => event)).toEqual(['delta']);
  });

  it('to an answer that ended as none sees its words go', () => {
    const events = createReplyEvents({ turnId, attempt: 1, seq: 1 }, 'Up');
    expect(events.complete(null).map(({ event }) => event)).toEqual(['reset']);
  });

  it('goes over to the turn that answers instead, at the place it had reached there', () => {
    const covering = newId('trn');
    const events = createReplyEvents(START, '');
    expect(events.goTo({ turnId: covering, attempt: 1, seq: 2 }, 'Up to')).toEqual([]);
    expect(events.complete('Up to three')).toEqual([
      { id: `${covering}.1.3`, event: 'delta', data: { delta: ' three' } },
    ]);
  });
});

it.each(['', 'abc', turnId, `${turnId}.1`, `${turnId}.1.x`, `${turnId}.-1.2`, `${turnId}.1.2.3`, 'trn_1.1.1'])(
  'a Last-Event-ID that we did not write is no place: "%s"',
  (lastEventId) => expect(readPlace(lastEventId)).toBeNull(),
);

it('a Last-Event-ID of ours is the place it names', () => {
  expect(readPlace(`${turnId}.2.17`)).toEqual({ turnId, attempt: 2, seq: 17 });
});
