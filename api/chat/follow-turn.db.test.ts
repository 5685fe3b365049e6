import { getEventListeners } from 'node:events';

import { afterAll, beforeAll, describe, expect, it } from 'vitest';

import { toUuid } from '#domain/ids.ts';
import type { ReplyChunk, TurnRef } from '#domain/turn.ts';
import { CHUNK_PAGE } from '#models/read/reply-chunks.ts';
import { createLogger } from '#platform/logger.ts';

import { buildChattingTenant, type ChattingTenant } from '../../test/fixtures/chatting-tenant.ts';
import { freshDatabase, type FreshDatabase } from '../../test/setup/fresh-database.ts';
import { createAnswers } from './answers.ts';
import { followTurn, type FollowedTurn, type FollowFrom } from './follow-turn.ts';

const logger = createLogger({ level: 'silent' });
let database: FreshDatabase;
let tenant: ChattingTenant;
let turns = 0;
beforeAll(async () => {
  database = await freshDatabase();
  tenant = await buildChattingTenant(database.knex, 'following');
});
afterAll(() => database.drop());

/** A turn somebody follows, and what its worker does. */
async function follow(from: Partial<FollowFrom> = {}) {
  turns += 1;
  const { turnId } = await tenant.say(`message ${turns}`, null, `visitor ${turns}`);
  const turn: TurnRef = { tenantId: tenant.tenantId, turnId };
  const answers = createAnswers({ knex: database.knex, logger });
  const reader = new AbortController();
  const cursor = { attempt: 0, seq: 0 };
  const followed = followTurn({ knex: database.knex, logger, answers }, turn, {
    cursor,
    isBegun: false,
    signal: reader.signal,
    ...from,
  });
  const chunk = (attempt: number, seq: number): ReplyChunk => ({ ...turn, attempt, seq, text: `${attempt}.${seq} ` });
  async function store(attempt: number, seqs: readonly number[]): Promise<void> {
    const rows = seqs.map((seq) => ({
      tenant_id: turn.tenantId,
      turn_id: toUuid(turnId),
      attempt,
      seq,
      text: chunk(attempt, seq).text,
    }));
    await database.knex('reply_chunk').insert(rows);
  }
  return { turn, answers, reader, followed, chunk, store };
}

async function close({ turnId }: TurnRef): Promise<void> {
  const ended = { state: 'closed', outcome: 'failed', closed_at: new Date('2026-03-10') };
  await database
    .knex('turn')
    .where({ id: toUuid(turnId) })
    .update(ended);
}

/** The next text; what is no text by its kind. */
async function nextOf(followed: FollowedTurn): Promise<string> {
  const news = await followed.next();
  return news.kind === 'chunks' ? news.chunks.map(({ text }) => text).join('') : news.kind;
}

describe('a turn that runs in this process', () => {
  it('is followed in memory: the very next piece needs no look at the table', async () => {
    const { answers, followed, chunk } = await follow();
    const first = nextOf(followed);
    expect(answers.show(chunk(1, 1))).toBe(true);
    expect(await first).toBe('1.1 ');
    const second = nextOf(followed);
    answers.show(chunk(1, 2));
    expect(await second).toBe('1.2 ');
    followed.leave();
  });

  it('is read in order where a piece is ahead, came twice, or found its reader busy', async () => {
    const { answers, followed, chunk, store } = await follow();
    await store(1, [1, 2, 3]);
    const ahead = nextOf(followed);
    answers.show(chunk(1, 3));
    expect(await ahead).toBe('1.1 1.2 1.3 ');
    answers.show(chunk(1, 3));
    await store(1, [4, 5]);
    answers.show(chunk(1, 4));
    answers.show(chunk(1, 5));
    expect(await nextOf(followed)).toBe('1.4 1.5 ');
    followed.leave();
  });

  it('is told of its end once its reader has seen what came before', async () => {
    const { turn, answers, followed, store } = await follow();
    await store(1, [1]);
    const waiting = followed.next();
    await close(turn);
    await answers.look(turn);
    expect(await waiting).toMatchObject({ kind: 'ended', answer: { turnId: turn.turnId, outcome: 'failed' } });
    expect((await followed.rest()).map(({ text }) => text)).toEqual(['1.1 ']);
    expect(await followed.rest()).toEqual([]);
    followed.leave();
  });
});

describe('a turn that runs elsewhere', () => {
  it('is read when the doorbell rings, and each second anyway', async () => {
    const { turn, answers, followed, store } = await follow();
    const first = nextOf(followed);
    await store(1, [1]);
    answers.hearPieces(turn.turnId);
    expect(await first).toBe('1.1 ');
    const unrung = nextOf(followed);
    await store(1, [2]);
    expect(await unrung).toBe('1.2 ');
    const end = nextOf(followed);
    await close(turn);
    expect(await end).toBe('ended');
    followed.leave();
  });

  it('is read behind the cursor of who comes back, and only in its newest try', async () => {
    const { followed, store } = await follow({ cursor: { attempt: 1, seq: 1 }, isBegun: true });
    await store(1, [1, 2, 3]);
    expect(await nextOf(followed)).toBe('1.2 1.3 ');
    await store(2, [1, 2]);
    await store(1, [4]);
    expect(await nextOf(followed)).toBe('2.1 2.2 ');
    followed.leave();
  });

  it('is read to its end by who is far behind, page after page', async () => {
    const { followed, store } = await follow({ isBegun: true });
    const seqs = Array.from({ length: 2 * CHUNK_PAGE + 1 }, (_, index) => index + 1);
    await store(1, seqs);
    const pages = [await nextOf(followed), await nextOf(followed), await nextOf(followed)];
    expect(pages.join('')).toBe(seqs.map((seq) => `1.${seq} `).join(''));
    followed.leave();
  });

  it('goes on when the database was away for a look', async () => {
    const { followed, store } = await follow({ isBegun: true });
    await store(1, [1]);
    await database.knex.raw('alter table reply_chunk rename to reply_chunk_away');
    const next = nextOf(followed);
    await expect(followed.rest()).rejects.toThrow('reply_chunk');
    await database.knex.raw('alter table reply_chunk_away rename to reply_chunk');
    expect(await next).toBe('1.1 ');
    followed.leave();
  });
});

describe('a follower', () => {
  it('that is gone ends its wait, and leaves nothing behind', async () => {
    const { answers, reader, followed } = await follow();
    const waiting = followed.next();
    expect(answers.size()).toBe(1);
    reader.abort();
    expect(await waiting).toEqual({ kind: 'over' });
    followed.leave();
    expect([answers.size(), getEventListeners(reader.signal, 'abort').length]).toEqual([0, 0]);
  });

  it('that finds no room is told to come back', async () => {
    const { turn, answers } = await follow();
    answers.release();
    const signal = new AbortController().signal;
    const deps = { knex: database.knex, logger, answers };
    const late = followTurn(deps, turn, { cursor: { attempt: 0, seq: 0 }, isBegun: true, signal });
    expect(await late.next()).toEqual({ kind: 'over' });
    late.leave();
  });
});
