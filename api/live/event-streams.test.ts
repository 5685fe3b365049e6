import { once } from 'node:events';
import { connect, type AddressInfo, type Socket } from 'node:net';

import Koa, { type ParameterizedContext } from 'koa';
import { afterEach, describe, expect, it } from 'vitest';

import { Problem } from '#contract/problems.ts';

import { newServerTiming } from '../request-timing.ts';
import type { RequestState } from '../state.ts';
import { createEventStreams, type EventStream, type EventStreamTimes } from './event-streams.ts';
import type { StreamEvent } from './event-text.ts';

/** More than any socket on the way holds. */
const EVENTS_MANY = 4000;
const LONG = 'x'.repeat(16 * 1024);
const STALLED_BYTES_MAX = 1024 * 1024;
const READERS = 20;

type Opened = EventStream & { response: ParameterizedContext['res'] };

let closing: (() => unknown)[] = [];
afterEach(async () => {
  for (const close of closing.splice(0).toReversed()) await close();
});

/** The test runner has a few of its own, which come and go. */
function timers(): number {
  return process.getActiveResourcesInfo().filter((kind) => kind === 'Timeout').length;
}

function longEvent(n: number): StreamEvent {
  return { id: String(n), event: 'delta', data: { delta: LONG } };
}

/** A server whose every request is a stream, and readers on sockets of their own: nothing reads for them. */
async function serve({ isFeed = false, ...times }: EventStreamTimes & { isFeed?: boolean } = {}) {
  const streams = createEventStreams(times);
  const opened = new Map<number | undefined, Opened>();
  const app = new Koa<RequestState>().use((ctx) => {
    ctx.state.timing = newServerTiming();
    ctx.state.timing.add('accept', 1);
    opened.set(ctx.req.socket.remotePort, { ...streams.open(ctx, { isFeed }), response: ctx.res });
  });
  // What is written to a reader that has just gone is lost, and nobody's fault.
  app.silent = true;
  const server = app.listen(0, '127.0.0.1');
  await once(server, 'listening');
  closing.push(
    () => server.close(),
    () => server.closeAllConnections(),
  );
  const { port } = server.address() as AddressInfo;

  async function read(): Promise<{ socket: Socket; text: () => string; stream: Opened }> {
    const socket = connect(port, '127.0.0.1').on('error', () => null);
    closing.push(() => socket.destroy());
    let text = '';
    socket.setEncoding('utf8').on('data', (piece: string) => (text += piece));
    socket.write('GET / HTTP/1.1\r\nHost: bob\r\nAccept: text/event-stream\r\nAccept-Encoding: gzip, br\r\n\r\n');
    await expect.poll(() => text).toContain('\r\n\r\n');
    const stream = opened.get(socket.localPort);
    if (stream === undefined) throw new Error('no stream was opened');
    return { socket, text: () => text, stream };
  }
  return { streams, read };
}

/** Tells more than the reader takes, one event after the other as a handler does. */
function tellMany(stream: EventStream): { told: () => number; done: Promise<boolean> } {
  let told = 0;
  async function tell(): Promise<boolean> {
    let isOn = true;
    while (isOn && told < EVENTS_MANY) {
      isOn = await stream.send([longEvent(told)]);
      told += 1;
    }
    return isOn;
  }
  return { told: () => told, done: tell() };
}

describe('an event stream', () => {
  it('passes every proxy unbuffered, uncompressed and unkept, and its first byte leaves at once', async () => {
    const { read } = await serve();
    const { text } = await read();
    const [head = ''] = text().split('\r\n\r\n');
    expect(head).toMatch(/^HTTP\/1\.1 200 OK\r\n/);
    expect(head.toLowerCase()).toContain('\r\ncontent-type: text/event-stream');
    expect(head.toLowerCase()).toContain('\r\ncache-control: no-store, no-transform');
    expect(head.toLowerCase()).toContain('\r\nx-accel-buffering: no');
    expect(head.toLowerCase()).toContain('\r\nserver-timing: accept;dur=1.0');
    expect(head.toLowerCase()).not.toContain('content-encoding');
    await expect.poll(text).toContain('retry: 1000\n\n');
  });

  it('tells its events in order, and an empty send writes nothing', async () => {
    const { read } = await serve();
    const { stream, text } = await read();
    expect(await stream.send([])).toBe(true);
    const place = { id: 'a.1.1', event: 'delta' };
    expect(
      await stream.send([
        { ...place, data: { delta: 'line\nbreak' } },
        { ...place, data: {} },
      ]),
    ).toBe(true);
    await expect
      .poll(text)
      .toContain('id: a.1.1\nevent: delta\ndata: {"delta":"line\\nbreak"}\n\nid: a.1.1\nevent: delta\ndata: {}\n\n');
  });

  it('says now and then that it is still there, in a comment', async () => {
    const { read } = await serve({ heartbeatMs: 5 });
    const { text } = await read();
    await expect.poll(text).toMatch(/(?:: still here\n\n[\s\S]*){3}/);
  });

  it('ends after its life, so that whoever still reads comes back', async () => {
    const { streams, read } = await serve({ lifeMs: 50 });
    const { socket, stream, text } = await read();
    await expect.poll(() => stream.signal.aborted).toBe(true);
    expect(await stream.send([longEvent(1)])).toBe(false);
    await expect.poll(text).toMatch(/\r\n0\r\n\r\n$/);
    expect(streams.size()).toBe(0);
    socket.destroy();
  });
});

describe('a reader that does not read', () => {
  it('stops the teller: nothing piles up behind it, heartbeats neither, and what was told arrives later', async () => {
    const { read } = await serve({ heartbeatMs: 5 });
    const { socket, stream, text } = await read();
    socket.pause();
    const telling = tellMany(stream);
    const stalled = await stallOf(stream, telling);
    expect(stalled.told).toBeLessThan(EVENTS_MANY / 2);
    expect(stalled.bytes).toBeLessThan(STALLED_BYTES_MAX);
    await heartbeatsPass(20);
    expect({ told: telling.told(), bytes: stream.response.writableLength }).toEqual(stalled);

    socket.resume();
    expect(await telling.done).toBe(true);
    const lastId = `id: ${EVENTS_MANY - 1}\n`;
    await expect.poll(() => text().includes(lastId), { timeout: 10_000 }).toBe(true);
    expect(text().split('event: delta\n')).toHaveLength(EVENTS_MANY + 1);
    expect(stream.response.listenerCount('drain')).toBeLessThanOrEqual(1);
  });

  it('is forgotten with all that it did not read when its time is over', async () => {
    const { streams, read } = await serve({ lifeMs: 300 });
    const { socket, stream } = await read();
    socket.pause();
    const telling = tellMany(stream);
    expect(await telling.done).toBe(false);
    expect(stream.response.destroyed).toBe(true);
    expect(streams.size()).toBe(0);
  });
});

/** Where the teller stands once nothing has left for a while. */
async function stallOf(stream: Opened, telling: { told(): number }): Promise<{ told: number; bytes: number }> {
  let before = -1;
  let toldAt = -1;
  const stillFor = (): number => {
    before = toldAt === telling.told() && stream.response.writableNeedDrain ? before + 1 : 0;
    toldAt = telling.told();
    return before;
  };
  await expect.poll(stillFor, { timeout: 10_000, interval: 50 }).toBeGreaterThan(4);
  return { told: telling.told(), bytes: stream.response.writableLength };
}

async function heartbeatsPass(count: number): Promise<void> {
  let passed = 0;
  const beside = setInterval(() => (passed += 1), 5);
  await expect.poll(() => passed, { interval: 5 }).toBeGreaterThan(count);
  clearInterval(beside);
}

describe('a reader that is gone', () => {
  it('leaves no stream and no timer behind, also in the middle of what it did not read', async () => {
    const { streams, read } = await serve();
    const before = timers();
    const readers = await Promise.all(Array.from({ length: READERS }, read));
    expect(streams.size()).toBe(READERS);
    expect(timers() - before).toBeGreaterThan(1.5 * READERS);
    const tellings = readers.map(({ stream }) => tellMany(stream));
    const [silent, ...others] = readers;
    silent?.socket.pause();
    for (const { socket } of others) socket.destroy();
    await expect.poll(() => silent?.stream.response.writableNeedDrain).toBe(true);
    silent?.socket.destroy();
    expect(await Promise.all(tellings.map(({ done }) => done))).toEqual(readers.map(() => false));
    expect(readers.filter(({ stream }) => !stream.signal.aborted)).toEqual([]);
    expect(streams.size()).toBe(0);
    expect(timers() - before).toBeLessThan(READERS / 2);
    expect(await silent?.stream.send([longEvent(1)])).toBe(false);
  });
});

describe('a process that stops', () => {
  it('ends its feeds first: they come back elsewhere', async () => {
    const feeds = await serve({ isFeed: true });
    const answers = await serve();
    const [feed, answer] = [await feeds.read(), await answers.read()];
    feeds.streams.releaseFeeds();
    answers.streams.releaseFeeds();
    expect([feed.stream.signal.aborted, answer.stream.signal.aborted]).toEqual([true, false]);
    answers.streams.release();
    expect([answer.stream.signal.aborted, answers.streams.size()]).toEqual([true, 0]);
  });

  it('takes no stream any more, before any work, and ends one that came in between', async () => {
    const { streams, read } = await serve();
    expect(() => streams.requireRoom()).not.toThrow();
    streams.release();
    expect(() => streams.requireRoom()).toThrow(Problem);
    const { stream, text } = await read();
    expect(stream.signal.aborted).toBe(true);
    await expect.poll(text).toMatch(/\r\n0\r\n\r\n$/);
    expect(streams.size()).toBe(0);
  });
});
